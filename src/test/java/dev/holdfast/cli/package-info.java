/** Tests of what the command line does by itself. */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
