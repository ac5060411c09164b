/**
 * The way into the kernel, for what Java does not offer: system calls by name. All that differs between a JVM and a
 * native executable, and between x86-64 and aarch64, is in here; and what the kernel says, in words.
 */
@NullMarked
package dev.holdfast.linux;

import org.jspecify.annotations.NullMarked;
