package dev.holdfast.transfer.tree;

/** Takes note of what could not be read or restored in full while the transfer goes on. Must be thread-safe. */
@FunctionalInterface
public interface WarningSink {
    /** What was lost; the names are part of reports, their order of the journals of restores. */
    enum Kind {
        /** User or group could not be set, for lack of privilege. */
        OWNER,
        /** Permissions could not be set, or set-id bits were left out because the owner could not be set. */
        MODE,
        /** An extended attribute or ACL could not be read or set. */
        XATTR,
        /** A device, FIFO or socket could not be made. */
        SPECIAL,
        /** The modification time could not be set. */
        TIMES,
        /** An entry could not be read and is missing or incomplete. */
        UNREADABLE,
        /** An entry was gone or of another kind when it was its turn. */
        VANISHED,
        /** A file changed while it was read. */
        CHANGED
    }

    /** @param message what was tried on what, and why it failed */
    void warn(Kind kind, String message);
}
