package dev.holdfast.transfer.restore;

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
import dev.holdfast.transfer.repository.Attempt;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkReader;
import dev.holdfast.transfer.repository.Repository;
import dev.holdfast.transfer.repository.SessionState;
import dev.holdfast.transfer.repository.Snapshot;
import dev.holdfast.transfer.tree.TargetDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One attempt at moving a snapshot out of a repository. */
public final class Restore {
    private final TransferPlan.Restore plan;
    private final TransferControl control;
    private final TransferListener listener;
    private final Attempt attempt;
    private final Snapshot snapshot;
    private final Journal journal;
    private final Destination destination;
    private final Ledger ledger;

    private Restore(
            TransferPlan.Restore plan,
            TransferControl control,
            TransferListener listener,
            Attempt attempt,
            Snapshot snapshot,
            Journal journal,
            Destination destination) {
        this.plan = plan;
        this.control = control;
        this.listener = listener;
        this.attempt = attempt;
        this.snapshot = snapshot;
        this.journal = journal;
        this.destination = destination;
        this.ledger = new Ledger(listener, snapshot.files(), snapshot.bytes());
        ledger.resume(journal.warned());
    }

    /** Runs to the end on the calling thread and helpers of its own, all of which are gone when it returns. */
    public static TransferResult run(TransferPlan.Restore plan, TransferControl control, TransferListener listener)
            throws TransferException, InterruptedException {
        Path file = JournalPlace.of(plan.target(), plan.scratch(), plan.sessionId());
        try (Repository repository = Repository.open(plan.repository(), plan.keyFile(), plan.scratch())) {
            if (repository.sessionState(plan.sessionId(), plan.token()) instanceof SessionState.Finished(var outcome)) {
                @Nullable TransferResult before = ended(outcome, repository, listener);
                if (before != null) {
                    Files.deleteIfExists(file);
                    return before;
                }
            }
            String begun = Journal.snapshotIn(file);
            if (begun == null && plan.token() != null) {
                throw away(plan, file);
            }
            Snapshot snapshot = repository.snapshot(begun == null ? plan.snapshot() : begun, "");
            try (Destination destination = Destination.open(plan.target(), snapshot.kind(), begun != null);
                    Attempt attempt = repository.begin(plan.sessionId(), plan.token(), "restore to " + plan.target());
                    Journal journal = Journal.open(file, snapshot.id(), destination)) {
                requireAlone(begun == null, file, journal, destination);
                synchronized (listener) {
                    listener.started(attempt.start(), attempt.token(), attempt.epoch());
                }
                return new Restore(plan, control, listener, attempt, snapshot, journal, destination).run(repository);
            }
        } catch (IOException e) {
            throw Errors.target(plan.target().toString(), e);
        }
    }

    /** A token is given out after the journal was made: without that, this is not the place that was restored to. */
    private static TransferException away(TransferPlan.Restore plan, Path journal) {
        return new TransferException(
                Code.TARGET_AWAY,
                "go on with the restore to " + plan.target() + ": its journal " + journal + " is not there; mount or"
                        + " attach the target again, or give this restore up and begin another");
    }

    /**
     * Another restore may have found the target empty too, or have taken it over since. From here on the journal keeps
     * others off, also those that ended and would go on with what is no longer theirs.
     */
    private static void requireAlone(boolean fresh, Path file, Journal journal, Destination destination)
            throws TransferException, IOException {
        boolean mine = !fresh || destination.isDevice() || destination.isEmpty();
        List<Path> others = JournalPlace.others(file, journal, destination.isDevice());
        if (mine && !JournalPlace.isAlive(others)) {
            if (fresh) {
                JournalPlace.remove(others);
            }
            return;
        }
        if (fresh) {
            journal.remove();
        }
        throw new TransferException(
                Code.TARGET_NOT_EMPTY,
                "restore to " + destination + ": another restore has begun there; let it end, or name another target");
    }

    /** What an earlier attempt came to, if it was the last one. */
    private static @Nullable TransferResult ended(String outcome, Repository repository, TransferListener listener)
            throws TransferException {
        if (outcome.equals(Closing.CANCELED)) {
            return new TransferResult.Canceled(TransferProgress.NONE);
        }
        @Nullable Closing closing = Closing.of(outcome);
        if (closing == null) {
            return null;
        }
        Snapshot done = repository.snapshot(closing.snapshotId(), "");
        Ledger ledger = new Ledger(listener, done.files(), done.bytes());
        ledger.complete();
        closing.warnings().forEach(ledger::resume);
        return new TransferResult.Completed(done.id(), ledger.progress());
    }

    private TransferResult run(Repository repository) throws TransferException, InterruptedException, IOException {
        Thread pulse = Thread.ofPlatform().name("pulse").daemon().start(this::beat);
        try (ChunkReader reader = repository.reader()) {
            ChunkId id = snapshot.root().getFirst();
            Entry root = Pages.entries(reader.read(id), id).getFirst();
            try (Crew crew = new Crew(repository, control, plan.workers())) {
                move(root, reader, crew);
            }
        } finally {
            pulse.interrupt();
            Threads.join(List.of(pulse));
        }
        TransferResult result = end();
        synchronized (listener) {
            listener.progressed(ledger.progress());
        }
        return result;
    }

    private void move(Entry root, ChunkReader reader, Crew crew) throws TransferException, InterruptedException {
        Syncer syncer = new Syncer(crew, attempt, journal, destination, ledger, control);
        Thread walk = Thread.ofPlatform()
                .name("walker")
                .daemon()
                .stackSize(Threads.STACK_BYTES)
                .unstarted(() -> walk(root, reader, crew));
        try {
            walk.start();
            walk.join();
        } finally {
            crew.close();
            Threads.join(List.of(walk));
            syncer.stop();
        }
        @Nullable Throwable failure = crew.failure();
        if (failure != null) {
            throw TransferException.of("restore", failure);
        }
    }

    /** The walk goes as deep as the tree, so it has a thread with room for that. */
    private void walk(Entry root, ChunkReader reader, Crew crew) {
        try {
            switch (destination) {
                case Destination.Tree(var target) -> tree(root, target, reader, crew);
                case Destination.Image target -> new DeviceRestore(crew, journal, ledger, target).walk(root);
            }
            crew.finish();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the walk", e);
        } catch (TransferException | RuntimeException | Error e) {
            crew.fail(e);
        }
    }

    private void tree(Entry root, TargetDirectory target, ChunkReader reader, Crew crew)
            throws TransferException, InterruptedException {
        try (TreeRestore walk = new TreeRestore(crew, journal, ledger, reader, plan.scratch())) {
            walk.walk(root, target);
            crew.finish();
            if (!crew.halting()) {
                walk.link(target);
            }
        }
    }

    private TransferResult end() throws TransferException, IOException {
        TransferControl.@Nullable Ending ending = control.ending();
        if (ending == null) {
            journal.sync(destination);
            attempt.finish(new Closing(snapshot.id(), ledger.warned()).toString());
            journal.remove();
            return new TransferResult.Completed(snapshot.id(), ledger.progress());
        }
        if (ending == TransferControl.Ending.CANCEL) {
            attempt.finish(Closing.CANCELED);
            journal.remove();
            return new TransferResult.Canceled(ledger.progress());
        }
        journal.checkpoint(destination);
        return new TransferResult.Stopped(ledger.progress());
    }

    private void beat() {
        try {
            while (true) {
                Thread.sleep(100);
                synchronized (listener) {
                    listener.progressed(ledger.progress());
                }
            }
        } catch (InterruptedException e) {
            // The restore is over.
        }
    }
}
