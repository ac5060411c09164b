package dev.holdfast.cli;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** How fast this process hashes and seals, which bounds every backup. */
final class CryptoSpeed {
    private static final int BLOCK = 1 << 18;
    private static final long NANOS = Duration.ofMillis(1500).toNanos();
    private static final long SPAN_NANOS = Duration.ofMillis(50).toNanos();

    /** Handles one block. */
    private interface Work {
        void block(byte[] data, int number) throws GeneralSecurityException;
    }

    private CryptoSpeed() {}

    static DoctorCommand.Finding sha256(long wanted, boolean possible) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return finding("SHA-256", measure((data, _) -> digest.digest(data)), wanted, possible);
        } catch (GeneralSecurityException e) {
            return missing("SHA-256", e);
        }
    }

    static DoctorCommand.Finding aesGcm(long wanted, boolean possible) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            byte[] key = new byte[32];
            byte[] sealed = new byte[BLOCK + 16];
            Work work = (data, number) -> {
                byte[] nonce = ByteBuffer.allocate(12).putInt(number).array();
                cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
                cipher.doFinal(data, 0, data.length, sealed);
            };
            return finding("AES-256-GCM", measure(work), wanted, possible);
        } catch (GeneralSecurityException e) {
            return missing("AES-256-GCM", e);
        }
    }

    /** The best of many short spans: the first ones are slow until the JVM has compiled what they run. */
    private static long measure(Work work) throws GeneralSecurityException {
        byte[] data = new byte[BLOCK];
        int number = 0;
        long best = 0;
        for (long end = System.nanoTime() + NANOS; System.nanoTime() < end; ) {
            int first = number;
            long begun = System.nanoTime();
            while (System.nanoTime() - begun < SPAN_NANOS) {
                work.block(data, number++);
            }
            best = Math.max(best, (number - first) * (long) BLOCK * 1000 / (System.nanoTime() - begun));
        }
        return best;
    }

    private static DoctorCommand.Finding finding(String what, long megabytes, long wanted, boolean possible) {
        String speed = megabytes + " MB/s on one thread";
        if (megabytes >= wanted) {
            return new DoctorCommand.Finding(DoctorCommand.Grade.OK, what, speed);
        }
        return possible
                ? new DoctorCommand.Finding(
                        DoctorCommand.Grade.WARN,
                        what,
                        speed + ", this processor can do " + wanted
                                + (ThisProgram.isNative()
                                        ? "; is this an executable for older ones?"
                                        : "; is the machine busy?"))
                : new DoctorCommand.Finding(
                        DoctorCommand.Grade.NOTE, what, speed + "; this processor has no instructions for it");
    }

    private static DoctorCommand.Finding missing(String what, GeneralSecurityException e) {
        return new DoctorCommand.Finding(DoctorCommand.Grade.WARN, what, "not available: " + e.getMessage());
    }
}
