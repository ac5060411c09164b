package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.transfer.Transfer;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferPlan;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.repository.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a foreground run makes of the note that an earlier one has left. */
class StandaloneTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void make() throws Exception {
        Repository.init(folder.resolve("repository"), folder.resolve("key")).close();
        Files.createDirectories(folder.resolve("source"));
        Files.writeString(folder.resolve("source/file"), "of yesterday");
        file = Standalone.file(folder, "backup", folder.resolve("repository").toString(), "source");
        Files.createDirectories(file.getParent());
    }

    /** Many machines may run one command, with one repository, in one millisecond. */
    @Test
    void no_two_runs_have_the_same_session() throws Exception {
        Set<String> sessions = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            new Standalone(file, true).run(ticket -> {
                sessions.add(ticket.sessionId());
                return plan(ticket.sessionId(), ticket.token());
            });
        }
        assertThat(sessions).hasSize(20).allSatisfy(id -> assertThat(id)
                .matches("s-[0-9a-f]{20}-[0-9a-z]+-[0-9a-f]{8}"));
    }

    @Test
    void a_backup_whose_note_stayed_though_it_was_complete_is_not_taken_for_the_next_one() throws Exception {
        AtomicReference<String> token = new AtomicReference<>("");
        Transfer.run(plan("s-killed", null), new TransferControl(), new TransferListener() {
            @Override
            public void started(Start start, String session, long epoch) {
                token.set(session);
            }

            @Override
            public void progressed(TransferProgress progress) {}

            @Override
            public void warned(String kind, String message) {}
        });
        Files.writeString(file, "{\"sessionId\":\"s-killed\",\"token\":\"" + token.get() + "\"}");
        Files.writeString(folder.resolve("source/file"), "of today");

        int exit = new Standalone(file, true).run(ticket -> plan(ticket.sessionId(), ticket.token()));

        assertThat(exit).isZero();
        assertThat(file).doesNotExist();
        try (Repository repository =
                Repository.open(folder.resolve("repository"), folder.resolve("key"), folder.resolve("scratch"))) {
            assertThat(repository.snapshots()).hasSize(2);
        }
    }

    @Test
    void a_session_that_the_repository_refuses_is_kept_and_named() throws Exception {
        Files.writeString(file, "{\"sessionId\":\"s-other\",\"token\":\"of another repository\"}");

        assertThatThrownBy(() -> new Standalone(file, true).run(ticket -> plan(ticket.sessionId(), ticket.token())))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("s-other")
                .hasMessageContaining("remove " + file);
        assertThat(file).exists();
    }

    @Test
    void a_note_without_a_start_is_gone_on_with() throws Exception {
        Files.writeString(file, "{\"sessionId\":\"s-noted\"}");
        AtomicReference<String> taken = new AtomicReference<>("");

        new Standalone(file, true).run(ticket -> {
            taken.set(ticket.sessionId());
            return plan(ticket.sessionId(), ticket.token());
        });

        assertThat(taken).hasValue("s-noted");
    }

    private TransferPlan plan(String session, @Nullable String token) {
        return new TransferPlan.Backup(
                folder.resolve("repository"),
                folder.resolve("key"),
                folder,
                session,
                token,
                1,
                0,
                folder.resolve("source"),
                "source");
    }
}
