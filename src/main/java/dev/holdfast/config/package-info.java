/**
 * What can be set: one mapping per feature, each with its meaning, unit and range. {@code docs/settings.md} is the same
 * list for readers, and a test compares the two.
 */
@NullMarked
package dev.holdfast.config;

import org.jspecify.annotations.NullMarked;
