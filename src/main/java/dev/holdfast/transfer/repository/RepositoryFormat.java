package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The object {@code format}: the only one that is plain text, a flat JSON object. */
record RepositoryFormat(String id, String keyCheck) {
    static final String NAME = "format";
    static final int BYTES_MAX = 1 << 16;
    private static final Pattern CHECKSUM = Pattern.compile("\"crc32c\": \"([0-9a-f]{8})\"\n}\n$");
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{32}");

    byte[] encode(String created) {
        String text = String.format(Locale.ROOT, """
                {
                  "holdfast": "repository",
                  "version": %d,
                  "id": "%s",
                  "created": "%s",
                  "chunkId": "HMAC-SHA-256",
                  "cipher": "AES-256-GCM",
                  "compression": "zstd",
                  "keyCheck": "%s",
                """, Frames.VERSION, id, created, keyCheck);
        return (text + "  \"crc32c\": \"" + checksum(text) + "\"\n}\n").getBytes(StandardCharsets.UTF_8);
    }

    static RepositoryFormat decode(byte[] bytes, String object) throws TransferException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        Matcher checksum = CHECKSUM.matcher(text);
        if (!checksum.find()) {
            throw Trouble.damaged(object, "it has no checksum at its end", null);
        }
        int start = text.lastIndexOf('\n', checksum.start()) + 1;
        if (!checksum(text.substring(0, start)).equals(checksum.group(1))) {
            throw Trouble.damaged(object, "its checksum differs", null);
        }
        String version = value(text, "\"version\": ([0-9]{1,9})");
        if (version != null && Integer.parseInt(version) > Frames.VERSION) {
            throw Trouble.newer(object, Integer.parseInt(version));
        }
        String id = value(text, "\"id\": \"([^\"]*)\"");
        String keyCheck = value(text, "\"keyCheck\": \"([^\"]*)\"");
        if (version == null
                || id == null
                || keyCheck == null
                || !HEX.matcher(id).matches()) {
            throw Trouble.damaged(object, "it is not the format of a repository", null);
        }
        return new RepositoryFormat(id, keyCheck);
    }

    private static @Nullable String value(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? matcher.group(1) : null;
    }

    private static String checksum(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return String.format("%08x", Frames.crc(bytes, 0, bytes.length));
    }
}
