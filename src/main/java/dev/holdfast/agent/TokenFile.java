package dev.holdfast.agent;

import dev.holdfast.api.ApiToken;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;

/** {@code api.token}: who can read it may write to the API. Made once, so tools may keep what they read. */
final class TokenFile {
    private static final int SECRET_BYTES = 32;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private TokenFile() {}

    /** Reads it, or makes it if there is none or it was cut short. The state lock must be held. */
    static ApiToken readOrMake(Path state) throws IOException {
        Path file = state.resolve("api.token");
        try {
            String found = Files.readString(file, StandardCharsets.US_ASCII).strip();
            if (found.length() >= SECRET_BYTES) {
                Files.setPosixFilePermissions(file, OWNER_ONLY);
                return new ApiToken(found);
            }
        } catch (NoSuchFileException _) {
            // First start.
        }
        return make(state, file);
    }

    private static ApiToken make(Path state, Path file) throws IOException {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        String text = HexFormat.of().formatHex(secret);
        Path fresh = state.resolve("api.token.new");
        Files.deleteIfExists(fresh);
        try (FileChannel out = FileChannel.open(
                fresh,
                EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
            out.write(StandardCharsets.US_ASCII.encode(text + "\n"));
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        return new ApiToken(text);
    }
}
