package dev.holdfast.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** The secret that a write must present. */
public final class ApiToken {
    private final byte[] secret;

    public ApiToken(String secret) {
        if (secret.length() < 32) {
            throw new IllegalArgumentException("api token of " + secret.length() + " characters: at least 32 needed");
        }
        this.secret = secret.getBytes(StandardCharsets.UTF_8);
    }

    /** Takes the same time whatever is wrong with {@code presented}. */
    boolean matches(String presented) {
        return MessageDigest.isEqual(secret, presented.getBytes(StandardCharsets.UTF_8));
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "api token";
    }
}
