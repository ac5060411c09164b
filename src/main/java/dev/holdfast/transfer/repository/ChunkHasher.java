package dev.holdfast.transfer.repository;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Computes chunk ids. Not thread-safe: one per thread. */
public final class ChunkHasher {
    private final Mac mac;
    private final byte[] result = new byte[ChunkId.LENGTH];

    ChunkHasher(SecretKeySpec key) {
        mac = Keys.mac(key);
    }

    /** The id of these bytes. */
    public ChunkId id(byte[] bytes, int offset, int length) {
        try {
            mac.update(bytes, offset, length);
            mac.doFinal(result, 0);
            return ChunkId.at(result, 0);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("an HMAC of 32 bytes fits in 32 bytes", impossible);
        }
    }
}
