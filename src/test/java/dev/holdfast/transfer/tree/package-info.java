@NullMarked
package dev.holdfast.transfer.tree;

import org.jspecify.annotations.NullMarked;
