package dev.holdfast.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The last good discovery on disk, for a warm start and for children without an agent. A line with the SHA-256 of what
 * follows, then compressed JSON; replaced as a whole. Whatever is wrong with it, it is as if there were none.
 */
final class DiscoveryFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int VERSION = 1;
    private static final int BYTES_MAX = 64 << 20;

    private final Path file;
    private final String server;

    /** @param server that it must be of */
    DiscoveryFile(Path file, String server) {
        this.file = file;
        this.server = server;
    }

    /** What is kept. */
    record Kept(DiscoveryDocuments documents, DiscoverySnapshot snapshot) {}

    /** Reads it; empty where there is none, or none of this server. */
    Optional<Kept> read() throws IOException {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
        int line = 64;
        if (content.length <= line + 1) {
            throw new IOException(file + " is cut off");
        }
        byte[] body = java.util.Arrays.copyOfRange(content, line + 1, content.length);
        if (!sha256(body).equals(new String(content, 0, line, StandardCharsets.US_ASCII))) {
            throw new IOException(file + " is damaged");
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            JsonNode root = JSON.readTree(in.readNBytes(BYTES_MAX));
            return root.path("version").asInt() == VERSION
                            && root.path("server").asText().equals(server)
                    ? Optional.of(kept(root))
                    : Optional.empty();
        } catch (DateTimeException e) {
            throw new IOException(file + " has no time", e);
        }
    }

    private static Kept kept(JsonNode root) throws IOException {
        Map<String, DiscoveryDocuments.Document> documents = new HashMap<>();
        for (Map.Entry<String, JsonNode> one : root.path("documents").properties()) {
            JsonNode it = one.getValue();
            documents.put(
                    one.getKey(),
                    new DiscoveryDocuments.Document(
                            it.path("etag").isTextual() ? it.path("etag").asText() : null,
                            it.path("contentType").asText(),
                            it.path("body").binaryValue()));
        }
        return new Kept(new DiscoveryDocuments(documents), SnapshotJson.read(root.path("snapshot")));
    }

    void write(Kept kept) throws IOException {
        ObjectNode root = JSON.createObjectNode().put("version", VERSION).put("server", server);
        ObjectNode documents = root.putObject("documents");
        kept.documents().byPath().forEach((path, it) -> documents
                .putObject(path)
                .put("etag", it.etag())
                .put("contentType", it.contentType())
                .put("body", it.body()));
        root.set("snapshot", SnapshotJson.write(kept.snapshot()));
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(body)) {
            out.write(JSON.writeValueAsBytes(root));
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes((sha256(body.toByteArray()) + "\n").getBytes(StandardCharsets.US_ASCII));
        content.writeBytes(body.toByteArray());
        replace(content.toByteArray());
    }

    private void replace(byte[] content) throws IOException {
        Path aside = file.resolveSibling("." + file.getFileName() + ".new");
        Files.deleteIfExists(aside);
        try (FileChannel out = FileChannel.open(
                aside,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                out.write(left);
            }
            out.force(true);
        }
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java", e);
        }
    }
}
