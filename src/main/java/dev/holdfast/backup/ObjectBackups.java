package dev.holdfast.backup;

import dev.holdfast.backup.BackupProgress.Phase;
import dev.holdfast.backup.BackupRun.Outcome;
import dev.holdfast.backup.archive.ArchiveWriter;
import dev.holdfast.kube.Cluster;
import dev.holdfast.linux.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The object backups of this agent: one at a time, the others wait. They take seconds and are not resumed: what an
 * agent leaves undone leaves no archive. The last ones are remembered for those who ask. Lock: the object itself guards
 * the entries.
 */
public final class ObjectBackups implements Closeable {
    static final int WAITING_MAX = 16;
    private static final int REMEMBERED_MAX = 50;
    /** Reports that are kept with all their lines: one may have three thousand. */
    static final int LINES_REMEMBERED_MAX = 5;
    /** What notes end with that name an archive that is not finished. */
    private static final String NOTE = ".aside";

    private static final Duration END_MAX = Duration.ofSeconds(15);
    private static final Logger LOG = Logger.getLogger(ObjectBackups.class);

    private final Cluster cluster;
    private final PluginSupply plugins;
    private final ArchiveStore store;
    private final Path staging;
    private final InstantSource clock;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final ThreadPoolExecutor executor = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().daemon().name("object-backup-", 0).factory());

    /** What is known of one; its fields change while it runs. */
    private static final class Entry {
        private final String id;
        private final BackupOrder order;
        private final Instant created;
        private volatile @Nullable ObjectBackup running;
        private volatile BackupProgress progress = BackupProgress.NONE;
        private volatile @Nullable Outcome outcome;
        private volatile @Nullable BackupReport report;
        private volatile @Nullable BackupException failure;
        private volatile @Nullable String session;
        private volatile boolean canceled;
        private @Nullable Runnable waiting;

        Entry(String id, BackupOrder order, Instant created) {
            this.id = id;
            this.order = order;
            this.created = created;
        }

        BackupRun view() {
            Outcome ended = outcome; // Before the rest, which is complete once there is an outcome.
            ObjectBackup backup = running;
            BackupException why = failure;
            return new BackupRun(
                    id,
                    order,
                    created,
                    backup == null ? progress : backup.progress(),
                    ended,
                    report,
                    why == null ? null : why.code(),
                    why == null ? null : why.getMessage(),
                    session);
        }
    }

    /** @param staging folder for archives on their way to a repository, and for large pages */
    public ObjectBackups(Cluster cluster, PluginSupply plugins, ArchiveStore store, Path staging, InstantSource clock) {
        this.cluster = cluster;
        this.plugins = plugins;
        this.store = store;
        this.staging = staging;
        this.clock = clock;
    }

    /** Takes an order in. Empty if too many are waiting. */
    public Optional<BackupRun> submit(BackupOrder order) {
        Entry entry = new Entry(newId(), order, clock.instant());
        synchronized (this) {
            try {
                Runnable task = () -> run(entry);
                entry.waiting = task;
                executor.execute(task);
            } catch (RejectedExecutionException e) {
                return Optional.empty();
            }
            entries.put(entry.id, entry);
            forgetOldest();
        }
        return Optional.of(entry.view());
    }

    /** The newest last; of reports the counts alone. */
    public synchronized List<BackupRun> all() {
        return entries.values().stream()
                .map(Entry::view)
                .map(BackupRun::withoutLines)
                .toList();
    }

    public synchronized Optional<BackupRun> find(String id) {
        return Optional.ofNullable(entries.get(id)).map(Entry::view);
    }

    /** Asks one to end soon; nothing happens if it has ended. */
    public Optional<BackupRun> cancel(String id) {
        Entry entry;
        synchronized (this) {
            entry = entries.get(id);
        }
        if (entry == null) {
            return Optional.empty();
        }
        entry.canceled = true;
        if (entry.waiting != null && executor.remove(entry.waiting)) {
            entry.failure = new BackupException(
                    BackupException.Code.CANCELED, "canceled before it began; no archive was left", null);
            end(entry, Outcome.CANCELED, BackupProgress.NONE);
        }
        ObjectBackup backup = entry.running;
        if (backup != null) {
            backup.cancel();
        }
        String session = entry.session;
        if (session != null && entry.outcome == null) {
            store.cancel(session);
        }
        return Optional.of(entry.view());
    }

    /**
     * Removes staged archives that nobody needs any more: those of earlier agents whose sessions have ended. Not to be
     * called before it is known which sessions there are.
     */
    public void tidy() {
        if (!Files.isDirectory(staging)) {
            return;
        }
        try (Stream<Path> all = Files.list(staging)) {
            for (Path found : all.toList()) {
                String name = found.getFileName().toString();
                String id = name.endsWith(NOTE) ? name.substring(0, name.length() - NOTE.length()) : name;
                if (underWay(id)) {
                    continue;
                }
                if (name.endsWith(NOTE)) {
                    removeNoted(found);
                } else if (Files.isDirectory(found) && !store.busy(id)) {
                    deleteQuietly(found);
                }
            }
        } catch (IOException e) {
            LOG.warnf("look for left archives in %s: %s", staging, Reason.of(e));
        }
    }

    private static void removeNoted(Path note) {
        try {
            Path aside = Path.of(Files.readString(note));
            if (ArchiveWriter.mayBeAside(aside) && Files.isRegularFile(aside, LinkOption.NOFOLLOW_LINKS)) {
                LOG.infof("remove %s, which an agent before this one has not finished", aside);
                Files.delete(aside);
            }
        } catch (IOException e) {
            LOG.warnf("remove what %s names: %s", note, Reason.of(e));
            return; // It is tried again.
        } catch (InvalidPathException e) {
            LOG.warnf("%s names no file", note);
        }
        deleteQuietly(note);
    }

    private synchronized boolean underWay(String id) {
        Entry entry = entries.get(id);
        return entry != null && entry.outcome == null;
    }

    /** Ends what is under way, and its plugins with it. */
    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(END_MAX.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warnf("an object backup has not ended within %d s", END_MAX.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Entry entry) {
        LOG.infof("object backup started id=%s name=%s", entry.id, entry.order.name());
        ObjectBackup backup = new ObjectBackup(
                cluster,
                plugins,
                entry.order,
                entry.id,
                line -> LOG.debugf("plugin %s", line),
                new Spool(staging),
                clock.instant());
        entry.running = backup;
        Outcome outcome;
        try {
            if (entry.canceled) {
                backup.cancel();
            }
            BackupReport report = make(entry, backup);
            entry.report = report;
            outcome = report.failedCount() == 0 ? Outcome.COMPLETED : Outcome.PARTIAL;
        } catch (BackupException e) {
            entry.failure = e;
            outcome = e.code() == BackupException.Code.CANCELED ? Outcome.CANCELED : Outcome.FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            String session = entry.session;
            String left = session == null ? "no archive was left" : "session " + session + " goes on with the archive";
            entry.failure = new BackupException(BackupException.Code.ENDED, "the agent ended; " + left, e);
            outcome = Outcome.FAILED;
        } catch (RuntimeException | Error e) { // Out of memory as well: somebody waits for its end.
            LOG.error("object backup failed id=" + entry.id, e);
            entry.failure = new BackupException(
                    BackupException.Code.INTERNAL, "internal error; the agent's log has the details", e);
            outcome = Outcome.FAILED;
        }
        end(entry, outcome, backup.progress());
    }

    private void end(Entry entry, Outcome outcome, BackupProgress last) {
        entry.progress = new BackupProgress(
                Phase.ENDED,
                last.resourcesDone(),
                last.resourcesTotal(),
                last.objects(),
                last.failed(),
                last.skipped(),
                last.bytes());
        entry.running = null;
        entry.outcome = outcome;
        forgetLines();
        LOG.infof(
                "object backup ended id=%s outcome=%s objects=%d failed=%d skipped=%d",
                entry.id, outcome, last.objects(), last.failed(), last.skipped());
    }

    private BackupReport make(Entry entry, ObjectBackup backup) throws BackupException, InterruptedException {
        makeFolder(staging);
        return switch (entry.order.target()) {
            case BackupTarget.ArchiveFile target -> written(entry, backup, target.file());
            case BackupTarget.InRepository target -> stored(entry, backup, target);
        };
    }

    /** What an agent leaves that is killed is noted, for it is full of secrets and lies where we do not look. */
    private BackupReport written(Entry entry, ObjectBackup backup, Path file)
            throws BackupException, InterruptedException {
        Path aside = ArchiveWriter.beside(file);
        Path note = staging.resolve(entry.id + NOTE);
        try {
            Files.writeString(note, aside.toString());
            return backup.run(file, aside, true);
        } catch (IOException e) {
            throw new BackupException(BackupException.Code.ARCHIVE, "write " + note + ": " + Reason.of(e), e);
        } finally {
            deleteQuietly(note);
        }
    }

    private BackupReport stored(Entry entry, ObjectBackup backup, BackupTarget.InRepository target)
            throws BackupException, InterruptedException {
        Path folder = staging.resolve(entry.id);
        makeFolder(folder);
        boolean over = true;
        try {
            Path archive = folder.resolve("objects.tar");
            BackupReport report = backup.run(archive, ArchiveWriter.beside(archive), false);
            String session = store.start(entry.id, folder, entry.order, target);
            over = false; // From here on the archive is the session's, also if the agent ends now.
            entry.session = session;
            if (entry.canceled) { // before there was a session to cancel
                store.cancel(session);
            }
            backup.storing();
            store.await(session);
            over = true;
            return report;
        } catch (BackupException e) {
            over = true;
            throw e;
        } finally {
            if (over) {
                deleteQuietly(folder);
            }
        }
    }

    private static void makeFolder(Path folder) throws BackupException {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new BackupException(
                    BackupException.Code.ARCHIVE, "make the folder " + folder + ": " + Reason.of(e), e);
        }
    }

    private static void deleteQuietly(Path folder) {
        try {
            delete(folder);
        } catch (IOException e) {
            LOG.warnf("remove %s: %s", folder, Reason.of(e));
        }
    }

    /** A file, or a folder with files. */
    private static void delete(Path place) throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> found = Files.list(place)) {
                found.forEach(files::add);
            }
        }
        files.add(place);
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }

    private void forgetOldest() {
        entries.values().stream()
                .filter(entry -> entry.outcome != null)
                .map(entry -> entry.id)
                .limit(Math.max(0, entries.size() - REMEMBERED_MAX))
                .toList()
                .forEach(entries::remove);
    }

    private synchronized void forgetLines() {
        List<Entry> reported =
                entries.values().stream().filter(entry -> entry.report != null).toList();
        for (Entry entry : reported.subList(0, Math.max(0, reported.size() - LINES_REMEMBERED_MAX))) {
            BackupReport report = entry.report;
            entry.report = report == null ? null : report.withoutLines();
        }
    }

    private String newId() {
        String time = Long.toString(clock.millis(), 36);
        String random = Long.toString(ThreadLocalRandom.current().nextLong(1L << 30), 36);
        return "objects-" + time + "-" + random;
    }
}
