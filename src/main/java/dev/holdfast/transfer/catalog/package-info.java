/**
 * How a source is described inside a repository: entries of directories, the pieces of a file, and the keys under which
 * finished work is recorded. Part of the repository format; see {@code docs/repository.md}.
 */
@NullMarked
package dev.holdfast.transfer.catalog;

import org.jspecify.annotations.NullMarked;
