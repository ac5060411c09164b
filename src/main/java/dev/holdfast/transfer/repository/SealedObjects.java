package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;

/**
 * All objects that are neither packs nor the format: sealed whole, each under a key of its own name. Thread-safe.
 *
 * <pre>
 *   magic "HFSO" · version 1 · kind 1 · flags 2 (1 = zstd) · plaintext length 4 · nonce 12 · CRC32C of these 24
 *   ciphertext · tag 16
 * </pre>
 */
final class SealedObjects {
    static final byte OPEN = 'O';
    static final byte CHECKPOINT = 'C';
    static final byte INDEX = 'I';
    static final byte SNAPSHOT = 'S';
    static final byte CLOSED = 'Z';

    private static final int MAGIC = 0x4F534648; // "HFSO"
    private static final int HEADER = 28;
    private static final int SIZE_MAX = 256 << 20;

    private final BlobStore store;
    private final Keys keys;
    private final SecureRandom random = new SecureRandom();

    SealedObjects(BlobStore store, Keys keys) {
        this.store = store;
        this.keys = keys;
    }

    /** False when the name is taken; nothing changes then. */
    boolean put(byte kind, String name, byte[] plain) throws TransferException {
        byte[] body = plain;
        int length = plain.length;
        int flags = 0;
        if (length >= 256) {
            byte[] packed = new byte[Compression.bound(length)];
            try (Compression compression = new Compression()) {
                int compressed = compression.compress(plain, length, packed, 0);
                if (compressed < length) {
                    body = packed;
                    length = compressed;
                    flags = Frames.FLAG_ZSTD;
                }
            }
        }
        byte[] nonce = new byte[Gcm.NONCE];
        random.nextBytes(nonce);
        byte[] sealed = new byte[HEADER + length + Gcm.TAG];
        Encoder.INT.set(sealed, 0, MAGIC);
        sealed[4] = Frames.VERSION;
        sealed[5] = kind;
        Encoder.SHORT.set(sealed, 6, (short) flags);
        Encoder.INT.set(sealed, 8, plain.length);
        System.arraycopy(nonce, 0, sealed, 12, Gcm.NONCE);
        Encoder.INT.set(sealed, 24, Frames.crc(sealed, 0, 24));
        new Gcm().seal(keys.object(name), nonce, sealed, HEADER, body, 0, length, sealed, HEADER);
        try {
            return store.putIfAbsent(name, sealed);
        } catch (IOException failed) {
            throw Trouble.of("write", store.locationOf(name), failed);
        }
    }

    /** The plaintext; REPOSITORY_DAMAGED or REPOSITORY_NEWER naming the object. */
    byte[] get(byte kind, String name) throws TransferException {
        String object = store.locationOf(name);
        byte[] sealed;
        try {
            sealed = store.get(name, SIZE_MAX);
        } catch (IOException failed) {
            throw Trouble.of("read", object, failed);
        }
        if (sealed.length < HEADER + Gcm.TAG
                || (int) Encoder.INT.get(sealed, 0) != MAGIC
                || (int) Encoder.INT.get(sealed, 24) != Frames.crc(sealed, 0, 24)) {
            throw Trouble.damaged(object, "its header is not intact", null);
        }
        if (sealed[4] != Frames.VERSION) {
            throw Trouble.newer(object, sealed[4] & 0xFF);
        }
        int raw = (int) Encoder.INT.get(sealed, 8);
        if (sealed[5] != kind || raw < 0 || raw > SIZE_MAX) {
            throw Trouble.damaged(object, "it is an object of another kind", null);
        }
        byte[] nonce = Arrays.copyOfRange(sealed, 12, 12 + Gcm.NONCE);
        try (Compression compression = new Compression()) {
            int stored = sealed.length - HEADER;
            byte[] body = new byte[stored - Gcm.TAG];
            new Gcm().open(keys.object(name), nonce, sealed, HEADER, sealed, HEADER, stored, body);
            if ((sealed[6] & Frames.FLAG_ZSTD) == 0) {
                return body;
            }
            byte[] plain = new byte[raw];
            compression.decompress(body, body.length, plain, raw);
            return plain;
        } catch (AEADBadTagException bad) {
            throw Trouble.damaged(object, "its content is not intact", bad);
        } catch (IOException bad) {
            throw Trouble.damaged(object, "its content is not intact", bad);
        }
    }
}
