package dev.holdfast.transfer.backup;

/** Unwinds a thread of the engine after a stop, a cancel or a failure elsewhere; not an error by itself. */
final class Halt extends RuntimeException {
    private static final long serialVersionUID = 1;

    Halt() {
        super("halted", null, false, false);
    }
}
