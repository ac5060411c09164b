/** The entry point: one executable that is the agent, a mover or the command line, by its first word. */
@NullMarked
package dev.holdfast;

import org.jspecify.annotations.NullMarked;
