/**
 * Everything that is asked of the API server goes through here: one budget for all processes of the node, one gate in
 * front of every client, one cache of what the cluster has. Without a cluster nothing is asked, and nothing fails.
 */
@NullMarked
package dev.holdfast.kube;

import org.jspecify.annotations.NullMarked;
