@NullMarked
package dev.holdfast.transfer.backup;

import org.jspecify.annotations.NullMarked;
