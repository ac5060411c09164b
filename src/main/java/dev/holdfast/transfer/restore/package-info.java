/**
 * Repository to target: the snapshot is walked in its own order and cut into numbered tasks, so that one bit for each
 * says what is done, and an interrupted restore goes on where it was.
 */
@NullMarked
package dev.holdfast.transfer.restore;

import org.jspecify.annotations.NullMarked;
