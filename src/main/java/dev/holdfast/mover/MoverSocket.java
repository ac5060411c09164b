package dev.holdfast.mover;

import dev.holdfast.session.SessionId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Where movers listen: {@code <run>/movers/<id>.sock}, or a short name where that is too long for the kernel. */
final class MoverSocket {
    private static final int PATH_BYTES_MAX = 107;

    private MoverSocket() {}

    /**
     * The path for a session, always the same.
     *
     * @throws IOException if even the short name is too long
     */
    static Path of(Path runDir, SessionId session) throws IOException {
        Path plain = runDir.resolve("movers").resolve(session.value() + ".sock");
        if (fits(plain)) {
            return plain;
        }
        Path brief = runDir.resolve(hash(session.value()) + ".sock");
        if (fits(brief)) {
            return brief;
        }
        throw new IOException("socket path " + brief + " is longer than " + PATH_BYTES_MAX
                + " bytes: choose a shorter run directory");
    }

    private static boolean fits(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length <= PATH_BYTES_MAX;
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java", e);
        }
    }
}
