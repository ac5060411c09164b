package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * {@code hf1.<payload>.<tag>}: names a session and proves that this repository accepted it. Made of nothing but
 * repository, session and source, so a token lost in a crash can be made again.
 */
final class Token {
    private static final String PREFIX = "hf1.";

    private Token() {}

    static String make(Keys keys, String repositoryId, String sessionId, String source) {
        byte[] payload =
                new Encoder(128).text(repositoryId).text(sessionId).text(source).toBytes();
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return PREFIX + base64.encodeToString(payload) + "." + base64.encodeToString(keys.tokenTag(payload));
    }

    /** Passes when the token is of this repository, this session, and (unless null) this source. */
    static void check(String token, Keys keys, String repositoryId, String sessionId, @Nullable String source)
            throws TransferException {
        int dot = token.lastIndexOf('.');
        if (!token.startsWith(PREFIX) || dot < PREFIX.length()) {
            throw refused("it is not a token of a transfer session");
        }
        try {
            byte[] payload = Base64.getUrlDecoder().decode(token.substring(PREFIX.length(), dot));
            byte[] tag = Base64.getUrlDecoder().decode(token.substring(dot + 1));
            ByteBuffer fields = Encoder.decoder(payload);
            if (!Encoder.text(fields).equals(repositoryId)) {
                throw refused("it belongs to another repository");
            }
            if (!Keys.same(tag, keys.tokenTag(payload))) {
                throw refused("its signature is wrong");
            }
            if (!Encoder.text(fields).equals(sessionId)) {
                throw refused("it belongs to another session than " + sessionId);
            }
            if (source != null && !Encoder.text(fields).equals(source)) {
                throw refused("it belongs to another source than " + source);
            }
        } catch (IllegalArgumentException | BufferUnderflowException malformed) {
            throw refused("it is malformed");
        }
    }

    private static TransferException refused(String why) {
        return new TransferException(
                Code.TOKEN_REFUSED, "resume by token: " + why + "; start the transfer without a token");
    }
}
