@NullMarked
package dev.holdfast.transfer.os;

import org.jspecify.annotations.NullMarked;
