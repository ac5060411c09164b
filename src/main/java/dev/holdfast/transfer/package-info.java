/**
 * The data plane: moves a tree or a block device into a repository and back, and resumes exactly where it was cut off.
 * Runs inside a mover process; knows no agent, no Kubernetes and no framework.
 */
@NullMarked
package dev.holdfast.transfer;

import org.jspecify.annotations.NullMarked;
