package dev.holdfast.transfer.tree;

/**
 * How one tree is restored.
 *
 * @param labels whether SELinux labels are restored
 * @param replace whether what is in the way of an entry is replaced: an earlier attempt left it
 */
record TargetRules(boolean labels, boolean replace) {}
