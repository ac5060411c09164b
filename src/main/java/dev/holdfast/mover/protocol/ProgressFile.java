package dev.holdfast.mover.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The last status of a mover, for display and quick reattachment; the truth is in the repository. One line of header
 * (name, version, CRC-32C of the rest), then JSON.
 */
public record ProgressFile(int generation, Status status) {
    private static final String NAME = "progress";
    private static final String HEADER = "holdfast-progress 1 ";
    private static final int HEADER_LENGTH = HEADER.length() + 8 + 1;

    /** Replaces the file. */
    public void write(Path directory) throws IOException {
        ObjectNode json = Json.object().put("generation", generation);
        json.set("status", status.toJson());
        byte[] body = Json.bytes(json);
        byte[] header = (HEADER + checksum(body) + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] content = Arrays.copyOf(header, header.length + body.length);
        System.arraycopy(body, 0, content, header.length, body.length);
        DurableFile.swap(directory.resolve(NAME), content);
    }

    /** The last status of this generation; empty if there is none, or none that can be trusted. */
    public static Optional<Status> read(Path directory, int generation) {
        try {
            byte[] content = Files.readAllBytes(directory.resolve(NAME));
            if (content.length <= HEADER_LENGTH) {
                return Optional.empty();
            }
            byte[] body = Arrays.copyOfRange(content, HEADER_LENGTH, content.length);
            String header = new String(content, 0, HEADER_LENGTH, StandardCharsets.US_ASCII);
            if (!header.equals(HEADER + checksum(body) + "\n")) {
                return Optional.empty();
            }
            ObjectNode json = Json.parse(body);
            return Json.number(json, "generation") == generation
                    ? Optional.of(Status.fromJson(Json.child(json, "status")))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // An echo only: whoever needs the truth asks the repository.
        }
    }

    private static String checksum(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
