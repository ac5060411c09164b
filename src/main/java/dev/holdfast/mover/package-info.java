/**
 * The agent's side of movers: starts them so that they outlive it, finds them again, proves that they are its own, and
 * never touches a process that is not.
 */
@NullMarked
package dev.holdfast.mover;

import org.jspecify.annotations.NullMarked;
