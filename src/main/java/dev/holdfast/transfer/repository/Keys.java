package dev.holdfast.transfer.repository;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Everything secret of one repository, derived from its master key by HKDF-SHA-256. Thread-safe. */
final class Keys {
    private static final String PURPOSE = "holdfast/1/";

    /** HKDF's pseudo-random key: the master key bound to one repository. */
    private final byte[] extracted;

    private final SecretKeySpec chunkId;

    Keys(byte[] master, String repositoryId) {
        extracted = hmac(HexFormat.of().parseHex(repositoryId), master);
        chunkId = new SecretKeySpec(derive("chunk-id"), "HmacSHA256");
    }

    /** 32 bytes for one purpose: HKDF-Expand needs one round for that. */
    byte[] derive(String purpose) {
        byte[] info = (PURPOSE + purpose).getBytes(StandardCharsets.UTF_8);
        byte[] block = Arrays.copyOf(info, info.length + 1);
        block[info.length] = 1;
        return hmac(extracted, block);
    }

    SecretKeySpec pack(String name) {
        return new SecretKeySpec(derive("pack/" + name), "AES");
    }

    SecretKeySpec object(String name) {
        return new SecretKeySpec(derive("object/" + name), "AES");
    }

    ChunkHasher hasher() {
        return new ChunkHasher(chunkId);
    }

    /** Tells a wrong key from the right one; harmless to publish. */
    String check() {
        return hex16(derive("key-check"));
    }

    /** The same for every attempt of a session: committing twice makes one snapshot. */
    String snapshotId(String sessionId) {
        return hex16(hmac(derive("snapshot-id"), sessionId.getBytes(StandardCharsets.UTF_8)));
    }

    byte[] tokenTag(byte[] payload) {
        return hmac(derive("token"), payload);
    }

    static boolean same(byte[] one, byte[] other) {
        return MessageDigest.isEqual(one, other);
    }

    private static String hex16(byte[] bytes) {
        return HexFormat.of().formatHex(bytes, 0, 16);
    }

    static Mac mac(SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("HmacSHA256 is part of every JDK", missing);
        }
    }

    private static byte[] hmac(byte[] key, byte[] data) {
        return mac(new SecretKeySpec(key, "HmacSHA256")).doFinal(data);
    }
}
