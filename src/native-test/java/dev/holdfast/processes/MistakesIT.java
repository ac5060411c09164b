package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.linux.FreePorts;
import dev.holdfast.transfer.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the command line says to somebody who got something wrong: the exit code, what, and what to do. */
class MistakesIT {
    private final Workspace workspace = new Workspace();
    private final Path repository = workspace.path("repository");
    private final Path source = workspace.path("source");
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void make() throws Exception {
        Repository.init(repository, workspace.path("repository.key")).close();
        Files.createDirectory(source);
        Files.writeString(source.resolve("file"), "content");
        environment.put("HOLDFAST_REPOSITORY", repository.toString());
        environment.put("HOLDFAST_STATE_DIR", workspace.path("state").toString());
        environment.put(
                "HOLDFAST_AGENT", "http://127.0.0.1:" + FreePorts.find(1).getFirst());
    }

    @AfterEach
    void end() throws IOException {
        workspace.close();
    }

    @Test
    void words_that_are_not_known_are_named_with_the_likely_one() throws Exception {
        refused(2, "`bakup`", "`backup`").by("bakup", source.toString());
        refused(2, "--standlone").by("backup", source.toString(), "--standlone");
        refused(2, "--workers 0", "1 to 64").by("backup", source.toString(), "--standalone", "--workers=0");
        refused(2, "--limit 0").by("backup", source.toString(), "--standalone", "--limit=0");
        refused(2, "127.0.0.1:8080").by("sessions", "--agent=http://127.0.0.1:99999");
        refused(2, "127.0.0.1:8080").by("sessions", "--agent=ftp://127.0.0.1");
    }

    @Test
    void an_empty_path_is_not_this_directory() throws Exception {
        refused(2, "<source>", "empty").by("backup", "", "--standalone");
        refused(2, "--to", "empty").by("restore", "latest", "--to=", "--standalone");
    }

    @Test
    void without_an_agent_it_says_so_and_not_that_its_token_is_missing() throws Exception {
        refused(5, "nobody listens", "holdfast agent").by("backup", source.toString());
        refused(5, "nobody listens", "holdfast agent").by("cancel", "some-id");
    }

    @Test
    void a_repository_that_is_not_there_is_not_a_missing_key() throws Exception {
        refused(6, workspace.path("wrong").toString(), "holdfast init")
                .by("snapshots", "--repository=" + workspace.path("wrong"));
        Files.delete(workspace.path("repository.key"));
        refused(6, "read key", "--key-file").by("backup", source.toString(), "--standalone");
        assertThat(tickets()).as("what a refused command remembers").isEmpty();
    }

    @Test
    void a_directory_with_something_in_it_does_not_become_a_repository() throws Exception {
        refused(6, source.toString(), "found file", "empty directory").by("init", source.toString());
        refused(6, "a file", "empty directory")
                .by("init", source.resolve("file").toString());
        assertThat(workspace.path("source.key")).doesNotExist();
    }

    @Test
    void a_pipe_is_refused_and_not_waited_for() throws Exception {
        Path pipe = workspace.path("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        refused(1, pipe.toString(), "name a directory").by("backup", pipe.toString(), "--standalone");
        refused(1, "/dev/null", "name a directory").by("backup", "/dev/null", "--standalone");
    }

    @Test
    void a_full_disk_behind_standard_output_is_a_failure_and_a_reader_that_has_gone_is_none() throws Exception {
        assertThat(shell("\"$@\" > /dev/full", "snapshots").exit()).isEqualTo(1);
        Ran piped = shell("\"$@\" | true; exit ${PIPESTATUS[0]}", "snapshots", "--json");
        assertThat(piped.exit()).as(piped.err()).isZero();
        assertThat(piped.err()).doesNotContain("holdfast:");
    }

    @Test
    void an_ordinary_user_reads_that_it_is_not_permitted_and_not_that_it_is_not_there() throws Exception {
        Nobody.assume();
        Files.setPosixFilePermissions(workspace.path(""), PosixFilePermissions.fromString("rwxr-xr-x"));
        Path home = Files.createDirectory(workspace.path("home"));
        Files.setAttribute(home, "unix:uid", Nobody.UID);
        environment.put("HOME", home.toString());
        environment.put("HOLDFAST_STATE_DIR", home.resolve("state").toString());
        refused(6, "repository.key", "permission denied").byNobody("snapshots");

        Files.setPosixFilePermissions(repository, PosixFilePermissions.fromString("rwx------"));
        Path copy = Files.copy(workspace.path("repository.key"), home.resolve("key"));
        Files.setAttribute(copy, "unix:uid", Nobody.UID);
        refused(1, repository.toString(), "Permission denied").byNobody("snapshots", "--key-file=" + copy);
        refused(1, "made.key", "permission denied")
                .byNobody("init", workspace.path("made").toString());

        Path own = home.resolve("own");
        assertThat(nobody("init", own.toString()).exit()).isZero();
        for (String name : List.of("one", "two")) {
            Path secret = Files.writeString(source.resolve(name), name);
            Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        }
        Ran partial = nobody("backup", source.toString(), "--standalone", "--repository=" + own);
        assertThat(partial.exit()).as(partial.err()).isEqualTo(4);
        assertThat(partial.out()).contains("2 warnings");
        assertThat(partial.err().lines().filter(line -> line.startsWith("warning:")))
                .as("once for each kind")
                .hasSize(1);
    }

    private interface Refusal {
        Ran run(String... arguments) throws Exception;
    }

    private record Expected(int exit, List<String> words, Refusal ordinary, Refusal nobody) {
        void by(String... arguments) throws Exception {
            check(ordinary.run(arguments), arguments);
        }

        void byNobody(String... arguments) throws Exception {
            check(nobody.run(arguments), arguments);
        }

        private void check(Ran ran, String... arguments) {
            assertThat(ran.exit()).as(List.of(arguments) + "\n" + ran.err()).isEqualTo(exit);
            assertThat(ran.err()).contains(words).doesNotContain("Exception", "\tat ", "internal error");
            assertThat(ran.out()).isEmpty();
        }
    }

    private Expected refused(int exit, String... words) {
        return new Expected(exit, List.of(words), this::holdfast, this::nobody);
    }

    private Ran holdfast(String... arguments) throws Exception {
        return Ran.command(workspace, environment, Packaged.command(arguments));
    }

    private Ran nobody(String... arguments) throws Exception {
        return Ran.command(workspace, environment, Nobody.runs(Packaged.command(arguments)));
    }

    private Ran shell(String script, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("bash", "-c", script, "bash"));
        command.addAll(Packaged.command(arguments));
        return Ran.command(workspace, environment, command);
    }

    private List<Path> tickets() throws IOException {
        try (var files = Files.list(workspace.path("state").resolve("standalone"))) {
            return files.filter(file -> file.toString().endsWith(".json")).toList();
        }
    }
}
