package dev.holdfast.mover.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The words on the socket and the files of the directory: movers of other versions read them. */
class WireTest {
    private static final List<Warning> WARNINGS =
            List.of(new Warning("owner", 7, "chown a"), new Warning("xattr", 2, "set user.x of b"));

    private static final Status STATUS = new Status(
            Instant.parse("2026-01-02T03:04:05Z"),
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8,
            "b8",
            WARNINGS,
            "t",
            "RESUMED",
            10,
            11,
            true);

    private static final List<Request> REQUESTS = List.of(
            new Request.Hello("s", 2, "c", "p"),
            new Request.Query(),
            new Request.Checkpoint(true),
            new Request.Limit(4096),
            new Request.Cancel(),
            new Request.Bye(),
            new Request.Unknown("sing"));

    @Test
    void requests_are_written_as_they_always_were() throws IOException {
        String written =
                REQUESTS.stream().map(request -> request.toJson(7).toString()).collect(Collectors.joining("\n"));

        assertThat(written).isEqualTo("""
                {"version":1,"id":7,"word":"hello","session":"s","generation":2,"challenge":"c","proof":"p"}
                {"version":1,"id":7,"word":"status"}
                {"version":1,"id":7,"word":"checkpoint","stop":true}
                {"version":1,"id":7,"word":"limit","bytesPerSecondMax":4096}
                {"version":1,"id":7,"word":"cancel"}
                {"version":1,"id":7,"word":"bye"}
                {"version":1,"id":7,"word":"sing"}""");
        for (Request request : REQUESTS) {
            assertThat(Request.fromJson(request.toJson(7))).isEqualTo(request);
        }
    }

    @Test
    void replies_are_written_as_they_always_were() throws IOException {
        Reply reply = Reply.granted(7, false, STATUS);

        assertThat(reply.toJson())
                .hasToString("{\"version\":1,\"id\":7,\"ok\":true,\"ended\":false,"
                        + "\"status\":{\"at\":\"2026-01-02T03:04:05Z\","
                        + "\"filesDone\":1,\"filesTotal\":2,\"bytesDone\":3,\"bytesTotal\":4,\"bytesSent\":5,"
                        + "\"bytesSentAgain\":6,\"bytesReadAgain\":7,\"lastBlock\":8,\"lastBlockId\":\"b8\","
                        + "\"warnings\":9,\"warningKinds\":["
                        + "{\"kind\":\"owner\",\"count\":7,\"example\":\"chown a\"},"
                        + "{\"kind\":\"xattr\",\"count\":2,\"example\":\"set user.x of b\"}],"
                        + "\"token\":\"t\",\"start\":\"RESUMED\","
                        + "\"epoch\":10,\"bytesPerSecondMax\":11,\"ownCgroup\":true}}");
        assertThat(Reply.fromJson(reply.toJson())).isEqualTo(reply);
        assertThat(Reply.refused(8, "unsupported").toJson())
                .hasToString("{\"version\":1,\"id\":8,\"ok\":false,\"error\":\"unsupported\"}");
    }

    @Test
    void unknown_fields_are_ignored() throws IOException {
        ObjectNode json = Reply.granted(7, true, STATUS).toJson();
        json.put("mood", "good").putObject("more").put("of", "it");

        assertThat(Reply.fromJson(json)).isEqualTo(Reply.granted(7, true, STATUS));
    }

    @Test
    void frames_pass_whole_and_refuse_what_is_not_ours() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Wire.write(Channels.newChannel(out), new Request.Query().toJson(1));
        byte[] frame = out.toByteArray();

        assertThat(frame).startsWith(0, 0, 0, frame.length - 4);
        assertThat(read(frame)).hasToString(new Request.Query().toJson(1).toString());
        assertThat(read(new byte[0])).isNull();
        assertThatIOException().isThrownBy(() -> read(new byte[] {0, 0, 0, 9, '{'}));
        assertThatIOException().isThrownBy(() -> read(new byte[] {0, 1, 0, 1, '{', '}'}));
        assertThatIOException().isThrownBy(() -> read("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void files_come_back_as_they_were_written(@TempDir Path directory) throws IOException {
        Bootstrap bootstrap = new Bootstrap(
                "s",
                1,
                "n",
                new Plan.Restore(Path.of("/r"), Path.of("/k"), 4, 0, "latest", Path.of("/t")),
                null,
                Duration.ofHours(24),
                null,
                Path.of("/run/s.sock"));
        bootstrap.write(directory.resolve("bootstrap.json"));
        ResultFile result = new ResultFile(1, "FAILED", null, new ResultFile.Trouble("KEY_WRONG", "no", false), STATUS);
        result.write(directory);

        assertThat(Bootstrap.read(directory.resolve("bootstrap.json"))).isEqualTo(bootstrap);
        assertThat(ResultFile.read(directory, 1)).contains(result);
        assertThat(ResultFile.read(directory, 2)).isEmpty();
    }

    @Test
    void damaged_progress_is_no_progress(@TempDir Path directory) throws IOException {
        new ProgressFile(1, STATUS).write(directory);
        assertThat(ProgressFile.read(directory, 1)).contains(STATUS);
        assertThat(ProgressFile.read(directory, 2)).isEmpty();
        byte[] whole = Files.readAllBytes(directory.resolve("progress"));
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 1;
            Files.write(directory.resolve("progress"), damaged);
            assertThat(ProgressFile.read(directory, 1)).isEmpty();
        }
    }

    @Test
    void generation_is_claimed_once(@TempDir Path directory) throws IOException {
        HandleFile first = new HandleFile(1, "n", 42, 7, "boot", null, false, Path.of("/s"));
        assertThat(first.claim(directory)).isTrue();
        assertThat(HandleFile.revoke(directory, 1)).contains(first);
        assertThat(HandleFile.revoke(directory, 2)).isEmpty();
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("handle.json", "claim.1", "claim.2");

        HandleFile late = new HandleFile(2, "n", 43, 8, "boot", null, false, Path.of("/s"));
        assertThat(late.claim(directory)).isFalse();
        assertThat(HandleFile.read(directory, 2)).isEmpty();
        assertThat(HandleFile.read(directory, 1)).contains(first);
    }

    @Test
    void handle_and_claim_that_a_loss_of_power_emptied_are_none(@TempDir Path directory) throws IOException {
        Files.createFile(directory.resolve("handle.json"));
        Files.write(directory.resolve("claim.1"), new byte[100]);
        assertThat(HandleFile.read(directory, 1)).isEmpty();
        assertThat(HandleFile.revoke(directory, 1)).isEmpty();
    }

    @Test
    void newer_format_is_refused(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("result.json"), "{\"version\":2,\"generation\":1}");

        assertThatIOException()
                .isThrownBy(() -> ResultFile.read(directory, 1))
                .withMessageContaining("has version 2; this program reads version 1");
    }

    private static @Nullable ObjectNode read(byte[] bytes) throws IOException {
        return Wire.read(Channels.newChannel(new ByteArrayInputStream(bytes)));
    }
}
