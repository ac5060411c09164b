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

    /**
     * Seals the {@code length} bytes at {@code from}; ciphertext and tag go to {@code to} in {@code out}, which may be
     * the same place. {@code aad} goes from 0 to {@code aadLength}.
     */
    void seal(
            SecretKeySpec key,
            byte[] nonce,
            byte[] aad,
            int aadLength,
            byte[] in,
            int from,
            int length,
            byte[] out,
            int to) {
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(8 * TAG, nonce));
            cipher.updateAAD(aad, 0, aadLength);
            int done = 0;
            int at = to;
            for (; length - done > SLICE; done += SLICE) {
                at += cipher.update(in, from + done, SLICE, out, at);
            }
            at += cipher.doFinal(in, from + done, length - done, out, at);
            if (at != to + length + TAG) {
                throw new IllegalStateException("sealed " + length + " bytes to " + (at - to));
            }
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("sealing fails only by misuse", impossible);
        }
    }

    /**
     * Opens ciphertext and tag, which are the {@code length} bytes at {@code offset}; the plaintext goes to the start
     * of {@code out}, which may be {@code in} when the offset is 0. An exception unless every bit is as it was sealed.
     *
     * @return bytes of the plaintext
     */
    int open(SecretKeySpec key, byte[] nonce, byte[] aad, int aadLength, byte[] in, int offset, int length, byte[] out)
            throws AEADBadTagException {
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(8 * TAG, nonce));
            cipher.updateAAD(aad, 0, aadLength);
            return cipher.doFinal(in, offset, length, out, 0);
        } catch (AEADBadTagException bad) {
            throw bad;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("opening fails only by a bad tag or misuse", impossible);
        }
    }
}
