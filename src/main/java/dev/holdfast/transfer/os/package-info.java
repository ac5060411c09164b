/**
 * The file system calls of Linux that Java does not offer: directories by descriptor, names as bytes, every kind of
 * entry, extended attributes, holes. {@link dev.holdfast.transfer.os.Posix} is the seam; everything above it is plain
 * Java.
 */
@NullMarked
package dev.holdfast.transfer.os;

import org.jspecify.annotations.NullMarked;
