package dev.holdfast.transfer.repository;

import dev.holdfast.linux.Reason;
import dev.holdfast.transfer.Disk;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import java.util.zip.CRC32C;

/** The master key as one line of text: {@code holdfast-key-1:<base64 of 32 bytes>:<CRC32C of the rest, in hex>}. */
final class KeyFile {
    private static final String PREFIX = "holdfast-key-1:";
    private static final int KEY_BYTES = 32;
    private static final int TEXT_MAX = 4096;

    private KeyFile() {}

    /** Reads the key, or makes file and key when there is none. */
    static byte[] readOrMake(Path file) throws TransferException {
        return Files.exists(file) ? read(file) : make(file);
    }

    static byte[] read(Path file) throws TransferException {
        String text;
        try {
            if (Files.size(file) > TEXT_MAX) {
                throw wrong(file, "it is too long for one", null);
            }
            text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
        } catch (NoSuchFileException missing) {
            throw new TransferException(
                    Code.KEY_MISSING, "open key file " + file + ": not there; give the file made by init", missing);
        } catch (IOException unreadable) {
            throw new TransferException(
                    Code.KEY_MISSING,
                    "open key file " + file + ": " + Reason.of(unreadable) + "; run as the user who may read it",
                    unreadable);
        }
        int last = text.lastIndexOf(':');
        if (!text.startsWith(PREFIX) || last < PREFIX.length()) {
            throw wrong(file, "it does not look like one", null);
        }
        if (!text.substring(last + 1).equals(checksum(text.substring(0, last)))) {
            throw wrong(file, "its checksum differs, so it was changed or cut; restore it from your copy", null);
        }
        try {
            byte[] key = Base64.getDecoder().decode(text.substring(PREFIX.length(), last));
            if (key.length == KEY_BYTES) {
                return key;
            }
            throw wrong(file, "it holds " + key.length + " bytes instead of " + KEY_BYTES, null);
        } catch (IllegalArgumentException notBase64) {
            throw wrong(file, "it does not look like one", notBase64);
        }
    }

    private static byte[] make(Path file) throws TransferException {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        String text = PREFIX + Base64.getEncoder().encodeToString(key);
        byte[] line = (text + ":" + checksum(text) + "\n").getBytes(StandardCharsets.US_ASCII);
        Path folder = FileBlobStore.parent(file.toAbsolutePath());
        try {
            Files.createDirectories(folder);
            try (FileChannel channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer buffer = ByteBuffer.wrap(line);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Disk.syncFolder(folder);
            return key;
        } catch (FileAlreadyExistsException other) {
            return read(file);
        } catch (IOException failed) {
            throw Trouble.inTheWay("write key file", file.toString(), failed);
        }
    }

    private static TransferException wrong(Path file, String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new TransferException(Code.KEY_WRONG, "open key file " + file + ": not a key: " + why, cause);
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        return String.format("%08x", crc.getValue());
    }
}
