package dev.holdfast.testing;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** For tests that play trouble with sessions: what the log says of it would bury the trouble nobody expects. */
public final class TroubleExpected implements BeforeAllCallback, AfterAllCallback {
    private static final Logger SESSIONS = Logger.getLogger("dev.holdfast.session.Sessions");

    @Override
    public void beforeAll(ExtensionContext context) {
        SESSIONS.setLevel(Level.OFF);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        SESSIONS.setLevel(null);
    }
}
