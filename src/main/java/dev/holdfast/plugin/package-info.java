/**
 * Plugins: processes that say what to do with one Kubernetes object. The protocol is Velero's (go-plugin handshake,
 * gRPC over a Unix socket), so that executables made for Velero run here. A plugin is never trusted: it may crash,
 * hang, flood its log or talk nonsense, and costs its own answer, nothing else.
 */
@NullMarked
package dev.holdfast.plugin;

import org.jspecify.annotations.NullMarked;
