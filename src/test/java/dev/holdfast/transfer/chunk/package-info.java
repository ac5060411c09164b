@NullMarked
package dev.holdfast.transfer.chunk;

import org.jspecify.annotations.NullMarked;
