package dev.holdfast.transfer.repository;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Reads a repository by docs/repository.md alone: proof that the page says all. Uses nothing of the program. */
final class IndependentReader {
    /** One frame, decrypted. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Frame(char type, int members, long epoch, long sequence, int offset, int length, byte[] plain) {}

    final String repositoryId;
    private final Path root;
    private final byte[] prk;

    IndependentReader(Path root, Path keyFile) throws IOException {
        this.root = root;
        String format = Files.readString(root.resolve("format"));
        repositoryId = field(format, "\"id\": \"([0-9a-f]{32})\"");
        String[] key = Files.readString(keyFile).strip().split(":");
        require(key[0].equals("holdfast-key-1"), "key file");
        byte[] line = (key[0] + ":" + key[1]).getBytes(StandardCharsets.US_ASCII);
        require(String.format("%08x", crc(line, line.length)).equals(key[2]), "checksum of the key file");
        prk = hmac(HexFormat.of().parseHex(repositoryId), Base64.getDecoder().decode(key[1]));
        String check = HexFormat.of().formatHex(derive("key-check"), 0, 16);
        require(check.equals(field(format, "\"keyCheck\": \"([0-9a-f]{32})\"")), "key check");
        int last = format.indexOf("  \"crc32c\"");
        byte[] covered = format.substring(0, last).getBytes(StandardCharsets.UTF_8);
        String checksum = String.format("%08x", crc(covered, last));
        require(field(format, "\"crc32c\": \"([0-9a-f]{8})\"").equals(checksum), "crc");
    }

    /** Chunk id in hex to content, of everything that the index objects name. */
    Map<String, byte[]> chunks() throws IOException {
        Map<String, byte[]> chunks = new HashMap<>();
        for (String name : names("index")) {
            ByteBuffer index = le(open('I', name));
            for (int packs = index.getInt(); packs > 0; packs--) {
                String pack = text(index);
                require(Files.size(root.resolve(pack)) == index.getLong(), "size of " + pack);
                ByteBuffer directory = le(bytes(index, index.getInt()));
                while (directory.hasRemaining()) {
                    readChunks(pack, directory, chunks);
                }
            }
        }
        return chunks;
    }

    private void readChunks(String pack, ByteBuffer directory, Map<String, byte[]> chunks) throws IOException {
        char type = (char) directory.get();
        directory.position(directory.position() + 3);
        int members = directory.getInt();
        int offset = directory.getInt();
        int length = directory.getInt();
        directory.position(directory.position() + 12);
        require(type == 'D' || type == 'T', "only chunks in an index");
        Frame frame = frame(pack, Files.readAllBytes(root.resolve(pack)), offset);
        require(frame.length == length && frame.type == type && frame.members == members, "entry of " + pack);
        Map<String, byte[]> inside = members(frame);
        for (int i = 0; i < members; i++) {
            String id = HexFormat.of().formatHex(bytes(directory, 32));
            chunks.put(id, inside.get(id));
        }
    }

    /** All frames of a pack, found from the start alone, and compared with the directory at its end. */
    List<Frame> frames(String pack) throws IOException {
        byte[] content = Files.readAllBytes(root.resolve(pack));
        byte[] tail = Arrays.copyOfRange(content, content.length - 16, content.length);
        ByteBuffer trailer = le(tail);
        int endOffset = trailer.getInt();
        int endLength = trailer.getInt();
        require(trailer.getInt() == 0x31544648, "trailer magic");
        require(trailer.getInt() == crc(tail, 12), "trailer checksum");
        require(endOffset + endLength + 16 == content.length, "trailer");
        List<Frame> frames = new ArrayList<>();
        for (int at = 0; at < content.length - 16; at += frames.getLast().length) {
            frames.add(frame(pack, content, at));
        }
        Frame end = frames.removeLast();
        require(end.type == 'E' && end.offset == endOffset && end.members == frames.size(), "end frame");
        ByteBuffer directory = le(end.plain);
        for (Frame frame : frames) {
            require(directory.get() == frame.type, "type");
            directory.position(directory.position() + 3);
            require(directory.getInt() == frame.members && directory.getInt() == frame.offset, "place");
            require(directory.getInt() == frame.length && directory.getInt() == frame.epoch, "length and epoch");
            require(directory.getLong() == frame.sequence, "sequence");
            directory.position(directory.position() + frame.members * (frame.type == 'P' ? 16 : 32));
        }
        require(!directory.hasRemaining(), "nothing else in the directory");
        return frames;
    }

    /** Key of a P frame in hex to its payload. */
    static Map.Entry<String, byte[]> record(Frame frame) {
        ByteBuffer plain = le(frame.plain);
        String key = HexFormat.of().formatHex(bytes(plain, 16));
        bytes(plain, 16 * plain.getInt());
        return Map.entry(key, bytes(plain, plain.remaining()));
    }

    Map<String, byte[]> members(Frame frame) {
        Map<String, byte[]> chunks = new HashMap<>();
        ByteBuffer plain = le(frame.plain);
        int count = plain.getInt();
        require(count == frame.members, "members");
        for (int i = 0; i < count; i++) {
            byte[] id = bytes(plain, 32);
            int from = 4 + 40 * count + plain.getInt();
            byte[] chunk = Arrays.copyOfRange(frame.plain, from, from + plain.getInt());
            require(Arrays.equals(id, hmac(derive("chunk-id"), chunk)), "chunk id");
            chunks.put(HexFormat.of().formatHex(id), chunk);
        }
        return chunks;
    }

    private Frame frame(String pack, byte[] content, int at) {
        byte[] head = Arrays.copyOfRange(content, at, at + 64);
        ByteBuffer header = le(head);
        require(header.getInt() == 0x31464648 && header.get() == 1, "magic and version");
        char type = (char) header.get();
        int flags = header.getShort();
        byte[] nonce = new byte[12];
        System.arraycopy(head, 8, nonce, 0, 4);
        System.arraycopy(head, 16, nonce, 4, 8);
        int epoch = header.getInt();
        int members = header.getInt();
        long sequence = header.getLong();
        int raw = header.getInt();
        int stored = header.getInt();
        require(header.getLong() == at, "offset");
        require(header.getInt(60) == crc(head, 60), "header checksum");
        byte[] sealed = Arrays.copyOfRange(content, at + 64, at + 64 + stored + 16);
        byte[] plain = decrypt("pack/" + pack, nonce, head, sealed);
        if ((flags & 1) != 0) {
            plain = Zstd.decompress(plain, raw);
        }
        require(plain.length == raw, "raw length");
        return new Frame(type, members, epoch, sequence, at, 64 + stored + 16, plain);
    }

    /** Plaintext of an object that is no pack. */
    byte[] open(char kind, String name) throws IOException {
        byte[] content = Files.readAllBytes(root.resolve(name));
        byte[] head = Arrays.copyOf(content, 28);
        ByteBuffer header = le(head);
        require(header.getInt() == 0x4F534648 && header.get() == 1 && header.get() == kind, "object header");
        int flags = header.getShort();
        int raw = header.getInt();
        byte[] nonce = bytes(header, 12);
        require(header.getInt() == crc(head, 24), "object checksum");
        byte[] plain = decrypt("object/" + name, nonce, head, Arrays.copyOfRange(content, 28, content.length));
        return (flags & 1) == 0 ? plain : Zstd.decompress(plain, raw);
    }

    List<String> names(String folder) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve(folder))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private byte[] decrypt(String purpose, byte[] nonce, byte[] aad, byte[] sealed) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.DECRYPT_MODE, new SecretKeySpec(derive(purpose), "AES"), new GCMParameterSpec(128, nonce));
            cipher.updateAAD(aad);
            return cipher.doFinal(sealed);
        } catch (GeneralSecurityException failed) {
            throw new IllegalStateException(purpose, failed);
        }
    }

    byte[] derive(String purpose) {
        return hmac(prk, ("holdfast/1/" + purpose + "\1").getBytes(StandardCharsets.UTF_8));
    }

    static byte[] hmac(byte[] key, byte[] data) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(data);
        } catch (GeneralSecurityException failed) {
            throw new IllegalStateException(failed);
        }
    }

    static String text(ByteBuffer from) {
        return new String(bytes(from, from.getShort() & 0xFFFF), StandardCharsets.UTF_8);
    }

    static byte[] bytes(ByteBuffer from, int length) {
        byte[] bytes = new byte[length];
        from.get(bytes);
        return bytes;
    }

    static ByteBuffer le(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static String field(String json, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(json);
        require(matcher.find(), pattern);
        return matcher.group(1);
    }

    private static void require(boolean right, String what) {
        if (!right) {
            throw new IllegalStateException("not as written down: " + what);
        }
    }
}
