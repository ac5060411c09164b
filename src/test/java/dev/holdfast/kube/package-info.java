/** The gate, discovery and sharing, against a counting stub and against a real API server. */
@NullMarked
package dev.holdfast.kube;

import org.jspecify.annotations.NullMarked;
