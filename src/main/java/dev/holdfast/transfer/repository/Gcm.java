package dev.holdfast.transfer.repository;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-256-GCM with 12-byte nonces and 16-byte tags. Not thread-safe: one per thread. */
final class Gcm {
    static final int NONCE = 12;
    static final int TAG = 16;

    /**
     * The JVM reaches its fast code only through a hot caller: small slices make it hot within a second, whole
     * megabytes leave it a hundred times slower for minutes.
     */
    private static final int SLICE = 8192;

    private final Cipher cipher;

    Gcm() {
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("AES/GCM is part of every JDK", missing);
        }
    }

    /** Writes ciphertext and tag at {@code outOffset}; {@code aad} goes from 0 to {@code aadLength}. */
    void seal(SecretKeySpec key, byte[] nonce, byte[] aad, int aadLength, byte[] in, int length, byte[] out, int to) {
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(8 * TAG, nonce));
            cipher.updateAAD(aad, 0, aadLength);
            int from = 0;
            int at = to;
            for (; length - from > SLICE; from += SLICE) {
                at += cipher.update(in, from, SLICE, out, at);
            }
            at += cipher.doFinal(in, from, length - from, out, at);
            if (at != to + length + TAG) {
                throw new IllegalStateException("sealed " + length + " bytes to " + (at - to));
            }
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("sealing fails only by misuse", impossible);
        }
    }

    /** The plaintext of ciphertext and tag; an exception unless every bit is as it was sealed. */
    byte[] open(SecretKeySpec key, byte[] nonce, byte[] aad, int aadLength, byte[] in, int offset, int length)
            throws AEADBadTagException {
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(8 * TAG, nonce));
            cipher.updateAAD(aad, 0, aadLength);
            return cipher.doFinal(in, offset, length);
        } catch (AEADBadTagException bad) {
            throw bad;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("opening fails only by a bad tag or misuse", impossible);
        }
    }
}
