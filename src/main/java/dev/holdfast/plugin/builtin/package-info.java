/**
 * The plugin process of our own, {@code holdfast plugin}: which objects belong to a pod, a claim, a service account and
 * a custom resource. It serves any host that speaks Velero's plugin protocol, and starts without Quarkus.
 */
@NullMarked
package dev.holdfast.plugin.builtin;

import org.jspecify.annotations.NullMarked;
