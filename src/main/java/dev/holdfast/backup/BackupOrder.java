package dev.holdfast.backup;

/**
 * One object backup that is asked for.
 *
 * @param name for people, and what its snapshots are filed under
 */
public record BackupOrder(String name, ObjectSelection selection, BackupTarget target) {}
