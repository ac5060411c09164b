package dev.holdfast.mover.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page that other releases are written by names every word and field that goes over the wire or to the disk. */
class ProtocolDocTest {
    private static final Status STATUS = new Status(
            Instant.EPOCH,
            1,
            2,
            3,
            4,
            5,
            6,
            7,
            8,
            "b",
            List.of(new Warning("owner", 1, "chown a")),
            "t",
            "FRESH",
            9,
            10,
            true);
    private static final Plan BACKUP = new Plan.Backup(Path.of("/r"), Path.of("/k"), 1, 0, Path.of("/s"), "s");
    private static final Plan RESTORE = new Plan.Restore(Path.of("/r"), Path.of("/k"), 1, 0, "latest", Path.of("/t"));

    @TempDir
    Path directory;

    @Test
    void every_field_is_on_the_page_and_every_word() throws IOException {
        String page = Files.readString(Path.of("docs/protocol.md"));
        Set<String> named = Pattern.compile("`([a-zA-Z]+)`")
                .matcher(page)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());

        assertThat(named).containsAll(fields());
        assertThat(named)
                .containsAll(Stream.of(requests())
                        .map(one -> one.path("word").asText())
                        .toList());
        assertThat(page).contains(String.format(java.util.Locale.ROOT, "%,d", Wire.FRAME_BYTES_MAX));
    }

    private Set<String> fields() throws IOException {
        Set<String> names = new TreeSet<>();
        new Bootstrap("s", 1, "n", BACKUP, "t", Duration.ofHours(1), Path.of("/c"), Path.of("/s"))
                .write(directory.resolve("bootstrap.json"));
        new HandleFile(1, "n", 1, 2, "b", "/c", true, Path.of("/s")).claim(directory);
        HandleFile.revoke(directory, 2);
        new ResultFile(1, "FAILED", "s", new ResultFile.Trouble("C", "m", true), STATUS).write(directory);
        for (String file : List.of("bootstrap.json", "handle.json", "claim.1", "claim.2", "result.json")) {
            collect(new JsonMapper().readTree(directory.resolve(file).toFile()), names);
        }
        collect(RESTORE.toJson(), names);
        collect(STATUS.toJson(), names);
        Stream.of(requests()).forEach(one -> collect(one, names));
        collect(new Reply(1, "failed", "p", 1, true, STATUS).toJson(), names);
        return names;
    }

    private static ObjectNode[] requests() {
        return Stream.of(
                        new Request.Hello("s", 1, "c", "p"),
                        new Request.Query(),
                        new Request.Checkpoint(true),
                        new Request.Limit(1),
                        new Request.Cancel(),
                        new Request.Bye())
                .map(request -> request.toJson(1))
                .toArray(ObjectNode[]::new);
    }

    private static void collect(JsonNode node, Set<String> names) {
        node.fieldNames().forEachRemaining(names::add);
        node.forEach(child -> collect(child, names));
    }
}
