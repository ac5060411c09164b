package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.transfer.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ctrl-C in the foreground: the command ends with a checkpoint, and the same command goes on from there. */
class InterruptIT {
    private final Workspace workspace = new Workspace();
    private final Path source = workspace.path("source");
    private long bytes;

    @BeforeEach
    void make() throws Exception {
        Repository.init(workspace.path("repository"), workspace.path("repository.key"))
                .close();
        bytes = workspace.makeTree("source", Figures.seed("interrupt"), 100, 200_000);
    }

    @AfterEach
    void end() throws IOException {
        workspace.close();
    }

    @Test
    void a_backup_and_a_restore_go_on_behind_what_was_done() throws Exception {
        long sent = interrupted("backup", source.toString());
        Ran backup = finished("backup", source.toString());
        assertThat(backup.result().path("bytesSentAgain").asLong()).isZero();
        assertThat(backup.result().path("bytesSent").asLong())
                .as("what the second run sent, %s were sent before", sent)
                .isBetween(1L, bytes + bytes / 10 - sent);

        String target = "--to=" + workspace.path("target");
        long restored = interrupted("restore", "latest", target);
        Ran restore = finished("restore", "latest", target);
        assertThat(restore.result().path("bytesSent").asLong())
                .as("what the second run wrote, %s were written before", restored)
                .isEqualTo(bytes - restored);

        assertThat(Workspace.describe(workspace.path("target"))).isEqualTo(Workspace.describe(source));
        try (Stream<Path> left = Files.list(workspace.path("state").resolve("standalone"))) {
            assertThat(left).allMatch(file -> file.endsWith("lock"));
        }
        try (Stream<Path> beside = Files.list(workspace.path(""))) {
            assertThat(beside).noneMatch(file -> file.getFileName().toString().startsWith("target."));
        }
    }

    /** Returns what it had sent. */
    private long interrupted(String... arguments) throws Exception {
        List<String> slowly = new ArrayList<>(List.of(arguments));
        slowly.add("--limit=" + bytes / 20);
        Path out = workspace.freshLog();
        Path err = workspace.freshLog();
        Process process = new ProcessBuilder(command(slowly))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        workspace.own(process);
        Waiting.until("some of it done", Duration.ofMinutes(1), () -> moved(out) > 0);

        assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();

        assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("it ends").isTrue();
        assertThat(process.exitValue()).as(Files.readString(err)).isEqualTo(7);
        Ran ran = new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
        assertThat(ran.result().path("outcome").asText()).isEqualTo("stopped");
        assertThat(ran.out().lines()).allMatch(line -> line.startsWith("{"));
        return ran.result().path("bytesSent").asLong();
    }

    private Ran finished(String... arguments) throws Exception {
        Ran ran = Ran.command(workspace, java.util.Map.of(), command(List.of(arguments)));
        assertThat(ran.exit()).as(ran.err()).isZero();
        return ran;
    }

    /** A shell that starts something in the background lets it ignore SIGINT; a person's does not. */
    private List<String> command(List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(
                "--standalone",
                "--json",
                "--repository=" + workspace.path("repository"),
                "--state-dir=" + workspace.path("state")));
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(Packaged.command(all.toArray(String[]::new)));
        return command;
    }

    private static long moved(Path out) {
        try {
            return Files.readString(out)
                    .lines()
                    .filter(line -> line.contains("\"bytesSent\":") && !line.contains("\"bytesSent\":0"))
                    .count();
        } catch (IOException e) {
            return 0;
        }
    }
}
