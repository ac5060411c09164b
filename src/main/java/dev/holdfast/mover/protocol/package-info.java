/**
 * What an agent and a mover say to each other: the files of a mover's directory and the words on its socket. Both sides
 * may be of different versions, so everything here only grows: unknown fields and words are ignored. Depends on nothing
 * of the project.
 */
@NullMarked
package dev.holdfast.mover.protocol;

import org.jspecify.annotations.NullMarked;
