package dev.holdfast.backup;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.backup.BackupRun.Outcome;
import dev.holdfast.backup.archive.ArchiveWriter;
import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.KubeErrors;
import dev.holdfast.kube.KubeException;
import dev.holdfast.kube.KubeRig;
import dev.holdfast.plugin.PluginCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Orders of one agent: their queue, their ends, and what stays on disk. */
@Timeout(300)
class ObjectBackupsTest {
    private final FakeCluster cluster = new FakeCluster();
    private final Repository store = new Repository();
    private final List<PluginCommand> plugins = new ArrayList<>();

    @TempDir
    private Path folder;

    private ObjectBackups backups;
    private ApiResource pods;

    /** Holds an archive until it is told that it is stored. */
    private static final class Repository implements ArchiveStore {
        private final CountDownLatch started = new CountDownLatch(1);
        private final CountDownLatch over = new CountDownLatch(1);
        private final Set<String> busy = new HashSet<>();
        private volatile boolean canceled;

        @Override
        public String start(String id, Path archive, BackupOrder order, BackupTarget.InRepository target) {
            assertThat(archive.resolve("objects.tar")).isRegularFile();
            started.countDown();
            return id;
        }

        @Override
        public void await(String session) throws BackupException, InterruptedException {
            over.await();
            if (canceled) {
                throw new BackupException(BackupException.Code.CANCELED, "canceled", null);
            }
        }

        @Override
        public void cancel(String session) {
            canceled = true;
            over.countDown();
        }

        @Override
        public boolean busy(String session) {
            return busy.contains(session);
        }
    }

    @BeforeEach
    void open() {
        pods = cluster.kind("", "pods", "Pod", true);
        cluster.add(pods, "a", "p");
        PluginSupply supply = TestPlugins.supply(plugins, folder.resolve("s"));
        backups = new ObjectBackups(cluster, supply, store, folder.resolve("staging"), InstantSource.system());
    }

    @AfterEach
    void close() {
        backups.close();
    }

    @Test
    void archive_goes_into_the_repository_and_nothing_stays_behind() throws Exception {
        String id = submit(repository());
        store.started.await();
        assertThat(backups.find(id).orElseThrow().progress().phase()).isNotEqualTo(BackupProgress.Phase.ENDED);
        backups.tidy(); // must leave alone what is under way
        assertThat(folder.resolve("staging").resolve(id).resolve("objects.tar")).isRegularFile();
        store.over.countDown();
        BackupRun run = ended(id);
        assertThat(run.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(run.session()).isEqualTo(id);
        assertThat(folder.resolve("staging")).isEmptyDirectory();
    }

    @Test
    void cancel_reaches_the_session_that_moves_the_archive() throws Exception {
        String id = submit(repository());
        store.started.await();
        backups.cancel(id);
        assertThat(ended(id).outcome()).isEqualTo(Outcome.CANCELED);
        assertThat(folder.resolve("staging")).isEmptyDirectory();
    }

    /** The claim of a pod is gone when its turn comes. */
    @Test
    void object_that_has_vanished_is_a_line_and_the_backup_is_partial() throws Exception {
        cluster.kind("", "persistentvolumeclaims", "PersistentVolumeClaim", true);
        cluster.add(pods, "a", "q")
                .putObject("spec")
                .putArray("volumes")
                .addObject()
                .putObject("persistentVolumeClaim")
                .put("claimName", "gone");
        plugins.add(TestPlugins.builtIn());
        BackupRun run = ended(submit(file()));
        assertThat(run.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(requireNonNull(run.report()).failed())
                .containsExactly("persistentvolumeclaims a/gone: needed by another object, but it does not exist");
        assertThat(requireNonNull(run.report()).taken()).containsEntry("pods", 2L);
    }

    @Test
    void cancel_does_not_wait_for_the_answer_of_a_plugin() throws Exception {
        Path asked = folder.resolve("asked");
        plugins.add(TestPlugins.scripted("hang", asked.toString()));
        String id = submit(file());
        KubeRig.await("the question to the plugin", Duration.ofMinutes(2), () -> Files.exists(asked));
        backups.cancel(id);
        assertThat(ended(id).outcome()).isEqualTo(Outcome.CANCELED);
        assertThat(folder.resolve("a.tar.gz")).doesNotExist();
    }

    @Test
    void cancel_does_not_wait_for_the_answer_of_the_cluster() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        cluster.failure = path -> {
            asked.countDown();
            try {
                never.await();
                return Optional.empty();
            } catch (InterruptedException e) {
                return Optional.of(KubeErrors.of(KubeException.Code.UNREACHABLE));
            }
        };
        String id = submit(file());
        asked.await();
        backups.cancel(id);
        BackupRun run = ended(id);
        assertThat(run.outcome()).isEqualTo(Outcome.CANCELED);
        assertThat(run.failure()).isEqualTo("canceled; no archive was left");
        cluster.failure = _ -> Optional.empty();
        assertThat(ended(submit(file())).outcome()).isEqualTo(Outcome.COMPLETED); // The thread is as before.
    }

    @Test
    void what_a_killed_agent_has_left_beside_an_archive_is_removed_and_nothing_else() throws Exception {
        Path staging = Files.createDirectories(folder.resolve("staging"));
        Path left = Files.writeString(ArchiveWriter.beside(folder.resolve("a.tar.gz")), "secrets");
        Path other = Files.writeString(folder.resolve("b.tar.gz"), "an archive");
        Files.writeString(staging.resolve("objects-1.aside"), left.toString());
        Files.writeString(staging.resolve("objects-2.aside"), other.toString());
        Files.writeString(
                staging.resolve("objects-3.aside"),
                folder.resolve(".gone.01234567.tmp").toString());
        backups.tidy();
        assertThat(left).doesNotExist();
        assertThat(other).exists();
        assertThat(staging).isEmptyDirectory();
    }

    @Test
    void lines_are_kept_of_the_last_reports_alone() throws Exception {
        cluster.add(pods, "a", "../x");
        List<String> ids = new ArrayList<>();
        for (int i = 0; i <= ObjectBackups.LINES_REMEMBERED_MAX; i++) {
            ids.add(submit(file()));
        }
        assertThat(requireNonNull(ended(ids.getLast()).report()).failed()).hasSize(1);
        BackupReport first =
                requireNonNull(backups.find(ids.getFirst()).orElseThrow().report());
        assertThat(first.failed()).isEmpty();
        assertThat(first.failedCount()).isOne();
        assertThat(backups.all())
                .allMatch(run -> requireNonNull(run.report()).failed().isEmpty());
    }

    @Test
    void one_runs_and_the_others_wait_and_too_many_are_refused() throws Exception {
        String first = submit(repository());
        store.started.await();
        List<String> waiting = new ArrayList<>();
        for (int i = 0; i < ObjectBackups.WAITING_MAX; i++) {
            waiting.add(submit(file()));
        }
        assertThat(backups.submit(new BackupOrder("t", ObjectSelection.EVERYTHING, file())))
                .isEmpty();
        backups.cancel(waiting.getFirst());
        assertThat(backups.find(waiting.getFirst()).orElseThrow().outcome())
                .as("it does not wait for its turn to end")
                .isEqualTo(Outcome.CANCELED);
        waiting.add(submit(file()));
        store.over.countDown();
        assertThat(ended(first).outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(ended(waiting.getLast()).outcome()).isEqualTo(Outcome.COMPLETED);
    }

    @Test
    void end_of_the_agent_leaves_an_archive_that_a_session_goes_on_with() throws Exception {
        String id = submit(repository());
        store.started.await();
        backups.close();
        BackupRun run = ended(id);
        assertThat(run.failureCode()).isEqualTo(BackupException.Code.ENDED);
        assertThat(run.failure()).contains("session " + id + " goes on");
        store.busy.add(id);
        backups.tidy();
        assertThat(folder.resolve("staging").resolve(id).resolve("objects.tar")).isRegularFile();
        store.busy.remove(id);
        backups.tidy();
        assertThat(folder.resolve("staging")).isEmptyDirectory();
    }

    @Test
    void folder_that_is_not_there_is_named() throws Exception {
        BackupRun run = ended(submit(new BackupTarget.ArchiveFile(folder.resolve("no/where.tar.gz"))));
        assertThat(run.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(run.failure()).contains("there is no folder " + folder.resolve("no"));
        assertThat(Files.exists(folder.resolve("no"))).isFalse();
    }

    private BackupTarget file() {
        return new BackupTarget.ArchiveFile(folder.resolve("a.tar.gz"));
    }

    private BackupTarget repository() {
        return new BackupTarget.InRepository(folder.resolve("repository"), folder.resolve("key"));
    }

    private String submit(BackupTarget target) {
        Optional<BackupRun> run = backups.submit(new BackupOrder("t", ObjectSelection.EVERYTHING, target));
        return run.orElseThrow().id();
    }

    private BackupRun ended(String id) throws InterruptedException {
        KubeRig.await(
                "the end of " + id,
                Duration.ofMinutes(2),
                () -> backups.find(id).orElseThrow().outcome() != null);
        return backups.find(id).orElseThrow();
    }
}
