package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.Threads;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferPlan;
import dev.holdfast.transfer.TransferProgress;
import dev.holdfast.transfer.TransferResult;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Pages;
import dev.holdfast.transfer.chunk.Chunker;
import dev.holdfast.transfer.repository.Attempt;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkReader;
import dev.holdfast.transfer.repository.Repository;
import dev.holdfast.transfer.repository.SessionState;
import dev.holdfast.transfer.repository.Snapshot;
import dev.holdfast.transfer.repository.SnapshotDraft;
import dev.holdfast.transfer.tree.SourceDirectory;
import dev.holdfast.transfer.tree.SourceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One attempt at moving a source into a repository. */
public final class Backup {
    private final TransferPlan.Backup plan;
    private final TransferControl control;
    private final TransferListener listener;
    private final Repository repository;
    private final Attempt attempt;

    /** Of a tree, the snapshot it is compared with. */
    private final @Nullable Snapshot parent;

    private final Counters counters;
    private final Crew crew;
    private final Instant started = Instant.now();

    /** All that the run has started; ended and waited for at its end, whichever that is. */
    private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());

    private Backup(
            TransferPlan.Backup plan,
            TransferControl control,
            TransferListener listener,
            Repository repository,
            Attempt attempt,
            @Nullable Snapshot parent) {
        this.plan = plan;
        this.control = control;
        this.listener = listener;
        this.repository = repository;
        this.attempt = attempt;
        this.parent = parent;
        this.counters = new Counters(attempt, listener);
        this.crew = new Crew(attempt, counters, control, plan.workers());
    }

    /** Runs to the end on the calling thread and helpers of its own, all of which are gone when it returns. */
    public static TransferResult run(TransferPlan.Backup plan, TransferControl control, TransferListener listener)
            throws TransferException, InterruptedException {
        boolean tree = requireSource(plan);
        try (Repository repository = Repository.open(plan.repository(), plan.keyFile(), plan.scratch())) {
            SessionState state = repository.sessionState(plan.sessionId(), plan.token());
            if (state instanceof SessionState.Completed(var done)) {
                return new TransferResult.Completed(done.id(), Outcomes.of(done));
            }
            if (state instanceof SessionState.Finished(var outcome) && outcome.equals(Outcomes.CANCELED)) {
                return new TransferResult.Canceled(TransferProgress.NONE);
            }
            // Before the indexes are read: one that is committed in between would name chunks that none of them knows.
            @Nullable Snapshot parent = tree ? repository.latestOf(plan.sourceName()) : null;
            try (Attempt attempt = repository.begin(plan.sessionId(), plan.token(), plan.sourceName())) {
                synchronized (listener) {
                    listener.started(attempt.start(), attempt.token(), attempt.epoch());
                }
                return new Backup(plan, control, listener, repository, attempt, parent).run(tree);
            }
        }
    }

    /** Room for later backups; this one is done, whatever comes of it. */
    private void sweep() {
        try {
            repository.sweep();
        } catch (TransferException | RuntimeException e) {
            System.getLogger(Backup.class.getName())
                    .log(System.Logger.Level.WARNING, "left-overs of dead sessions stay for now: " + e.getMessage());
        }
    }

    private static boolean requireSource(TransferPlan.Backup plan) throws TransferException {
        Path source = plan.source();
        if (Files.isDirectory(source)) {
            return true;
        }
        if (Files.notExists(source)) {
            if (plan.token() != null) {
                throw Problems.away(source.toString(), "nothing is there now");
            }
            throw new TransferException(
                    Code.SOURCE_MISSING, "back up " + source + ": there is no such file or directory; check the path");
        }
        if (!Files.isReadable(source)) {
            throw new TransferException(
                    Code.SOURCE_UNREADABLE,
                    "back up " + source + ": not readable for this user; run as its owner or as root");
        }
        if (!SourceFile.isFileOrDevice(source)) {
            throw new TransferException(
                    Code.SOURCE_UNREADABLE,
                    "back up " + source + ": a pipe, socket or character device has no end; name a directory,"
                            + " a file or a block device");
        }
        return false;
    }

    private TransferResult run(boolean tree) throws TransferException, InterruptedException {
        AtomicReference<@Nullable Entry> root = new AtomicReference<>();
        Crew.Member walker = crew.join(repository.hasher());
        Pulse pulse = new Pulse(attempt, crew, counters, control, listener);
        try {
            Chunker chunker = new Chunker(repository.chunkerSeed());
            List<Thread> working = new ArrayList<>();
            for (int i = 0; i < plan.workers(); i++) {
                working.add(start("worker-" + i, new Worker(crew, crew.join(repository.hasher()), chunker, attempt)));
            }
            working.add(start("walker", () -> walk(tree, walker, root)));
            for (Thread thread : working) {
                thread.join();
            }
        } finally {
            crew.halt();
            Threads.join(List.copyOf(threads));
            Threads.join(List.copyOf(threads)); // Until it ended, the walker could start one more.
            pulse.stop();
        }
        return end(tree, root.get(), walker);
    }

    private Thread start(String name, Runnable work) {
        Thread thread = Thread.ofPlatform()
                .name(name)
                .stackSize(Threads.STACK_BYTES)
                .daemon()
                .unstarted(work);
        thread.start();
        threads.add(thread);
        return thread;
    }

    /** The walker's whole life: walk, wait until the last entry has come up to the root, let the workers go. */
    private void walk(boolean tree, Crew.Member member, AtomicReference<@Nullable Entry> root) {
        try {
            if (tree) {
                walkTree(member, root);
            } else {
                readDevice(member, root);
            }
        } catch (Halt halt) {
            // Whoever halted the crew knows why.
        } catch (IOException e) {
            crew.fail(Problems.failed(plan.source().toString(), e));
        } catch (TransferException | RuntimeException | Error e) {
            crew.fail(e);
        } finally {
            crew.drain();
        }
        try {
            member.leave();
        } catch (TransferException | RuntimeException e) {
            crew.fail(e);
        }
    }

    private void walkTree(Crew.Member member, AtomicReference<@Nullable Entry> root)
            throws IOException, TransferException {
        size();
        try (ChunkReader reader = repository.reader()) {
            new TreeWalk(attempt, member, counters, reader)
                    .walk(SourceDirectory.open(plan.source()), rootOfParent(reader), (entry, by) -> root.set(entry));
        }
        while (root.get() == null) {
            member.idle();
        }
    }

    private @Nullable Entry rootOfParent(ChunkReader reader) throws TransferException {
        if (parent == null || parent.kind() != Snapshot.Kind.TREE) {
            return null;
        }
        ChunkId id = parent.root().getFirst();
        return Pages.entries(reader.read(id), id).getFirst();
    }

    /** Totals: those of the parent until this walk knows better; without a parent a second, quick walk. */
    private void size() {
        if (parent != null) {
            counters.filesTotal.set(parent.files());
            counters.bytesTotal.set(parent.bytes());
        } else {
            start("sizer", new Sizer(plan.source(), crew, counters));
        }
    }

    private void readDevice(Crew.Member member, AtomicReference<@Nullable Entry> root)
            throws IOException, TransferException {
        Device device;
        try (SourceFile source = SourceFile.openPath(plan.source())) {
            device = new Device(plan.source(), source);
        }
        counters.filesTotal.set(1);
        counters.bytesTotal.set(device.size());
        try (ChunkReader reader = repository.reader()) {
            device.submit(attempt, member, reader, counters);
        }
        while (!device.finished()) {
            member.idle();
        }
        counters.filesDone.increment();
        root.set(device.entry());
    }

    private TransferResult end(boolean tree, @Nullable Entry root, Crew.Member walker) throws TransferException {
        @Nullable Throwable failure = crew.failure();
        if (failure != null) {
            throw TransferException.of("back up", failure);
        }
        TransferControl.@Nullable Ending ending = control.ending();
        if (root == null || ending != null) {
            return Outcomes.early(attempt, ending, counters);
        }
        ChunkId id = walker.metadata.write(Pages.ofEntries(List.of(root)));
        SnapshotDraft draft = new SnapshotDraft(
                started,
                Instant.now(),
                tree ? Snapshot.Kind.TREE : Snapshot.Kind.BLOCK,
                List.of(id),
                counters.filesDone.sum(),
                counters.bytesDone.sum(),
                attempt.adoptedBytes() + counters.bytesSent.sum(),
                counters.warnings(),
                Outcomes.host());
        String snapshot = attempt.commit(draft);
        sweep();
        counters.filesTotal.set(counters.filesDone.sum());
        counters.bytesTotal.set(counters.bytesDone.sum());
        synchronized (listener) {
            listener.progressed(counters.progress());
        }
        return new TransferResult.Completed(snapshot, counters.progress());
    }
}
