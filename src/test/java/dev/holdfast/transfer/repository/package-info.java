@NullMarked
package dev.holdfast.transfer.repository;

import org.jspecify.annotations.NullMarked;
