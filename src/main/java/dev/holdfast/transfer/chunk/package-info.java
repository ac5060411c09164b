/** Cuts streams where their content says so, so that equal content is found again wherever it has moved to. */
@NullMarked
package dev.holdfast.transfer.chunk;

import org.jspecify.annotations.NullMarked;
