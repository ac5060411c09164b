package dev.holdfast.transfer.tree;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** Names of entries as the kernel sees them: bytes without meaning, except for '/' and NUL. */
final class Names {
    /** Directory that mkfs puts into every new ext4 volume; a volume with nothing else is empty. */
    static final byte[] LOST_AND_FOUND = "lost+found".getBytes(StandardCharsets.US_ASCII);

    private static final int LONGEST = 4095;

    private Names() {}

    /** The exact bytes of a path, also where they are not text in the platform's encoding. */
    static byte[] bytes(Path path) {
        String raw = path.toAbsolutePath().toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) == '%') {
                bytes.write(Integer.parseInt(raw, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(raw.charAt(i));
            }
        }
        byte[] result = bytes.toByteArray();
        boolean slash = result.length > 1 && result[result.length - 1] == '/';
        return slash ? Arrays.copyOf(result, result.length - 1) : result;
    }

    /** Whether a name can stand for an entry of a directory; any other could lead out of it. */
    static boolean safe(byte[] name) {
        if (name.length == 0 || name.length > LONGEST || isDots(name)) {
            return false;
        }
        for (byte b : name) {
            if (b == 0 || b == '/') {
                return false;
            }
        }
        return true;
    }

    static boolean isDots(byte[] name) {
        return isDots(name, 0, name.length);
    }

    static boolean isDots(byte[] bytes, int start, int end) {
        int length = end - start;
        return (length == 1 || length == 2) && bytes[start] == '.' && bytes[end - 1] == '.';
    }
}
