package dev.holdfast.mover.protocol;

import java.io.IOException;

/** It could be read, but not understood: damaged, or of a newer release. To read it again is no use. */
public final class MalformedException extends IOException {
    private static final long serialVersionUID = 1;

    public MalformedException(String message) {
        super(message);
    }

    MalformedException(String message, Throwable cause) {
        super(message, cause);
    }
}
