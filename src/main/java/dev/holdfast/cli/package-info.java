/**
 * The command line: one class per verb. Talks to a running agent over its public JSON, or runs the engine in the
 * foreground with {@code --standalone}. The only package that writes to standard output.
 */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
