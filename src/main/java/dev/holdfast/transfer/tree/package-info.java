/**
 * Trees as they are on disk: reads and restores every kind of entry with all its metadata. Everything is reached
 * relative to an open directory and without following symbolic links, so names of any bytes and paths of any length
 * work and nothing inside a tree can lead out of it.
 */
@NullMarked
package dev.holdfast.transfer.tree;

import org.jspecify.annotations.NullMarked;
