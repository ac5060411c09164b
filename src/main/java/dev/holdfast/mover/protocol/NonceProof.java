package dev.holdfast.mover.protocol;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Knowledge of a generation's nonce, shown without telling it: HMAC-SHA-256 over a fresh challenge and the role, so
 * that neither side can send the other's proof back.
 */
public enum NonceProof {
    AGENT,
    MOVER;

    /** The proof of this role. */
    public String of(String nonce, String session, int generation, String challenge) {
        String text = String.join("\n", name(), session, Integer.toString(generation), challenge);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(nonce.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is part of every Java", e);
        }
    }

    /** Whether {@code proof} is the one of this role; takes the same time for every wrong one. */
    public boolean holds(String proof, String nonce, String session, int generation, String challenge) {
        return MessageDigest.isEqual(
                of(nonce, session, generation, challenge).getBytes(StandardCharsets.UTF_8),
                proof.getBytes(StandardCharsets.UTF_8));
    }
}
