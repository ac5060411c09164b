package dev.holdfast.backup;

/** Which objects of the whole cluster a backup takes. */
public enum ClusterScope {
    /** All if all namespaces are taken; else only those that others need. */
    AUTO,
    ALL,
    /** None, even if others need them. */
    NONE
}
