@NullMarked
package dev.holdfast.transfer.restore;

import org.jspecify.annotations.NullMarked;
