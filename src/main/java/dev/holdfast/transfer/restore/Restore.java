package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.TransferListener;
import dev.holdfast.transfer.TransferPlan;
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
import org.jspecify.annotations.Nullable;

/** One attempt at moving a snapshot out of a repository. */
public final class Restore {
    private final TransferPlan.Restore plan;
    private final TransferControl control;
    private final Attempt attempt;
    private final Snapshot snapshot;
    private final Journal journal;
    private final Ledger ledger;

    private Restore(
            TransferPlan.Restore plan,
            TransferControl control,
            TransferListener listener,
            Attempt attempt,
            Snapshot snapshot,
            Journal journal) {
        this.plan = plan;
        this.control = control;
        this.attempt = attempt;
        this.snapshot = snapshot;
        this.journal = journal;
        this.ledger = new Ledger(listener, snapshot.files(), snapshot.bytes());
    }

    /** Runs to the end on the calling thread and helpers of its own, all of which are gone when it returns. */
    public static TransferResult run(TransferPlan.Restore plan, TransferControl control, TransferListener listener)
            throws TransferException, InterruptedException {
        Path file = Journal.beside(plan.target(), plan.sessionId());
        try (Repository repository = Repository.open(plan.repository(), plan.keyFile())) {
            if (repository.sessionState(plan.sessionId(), plan.token()) instanceof SessionState.Finished(var outcome)
                    && outcome.startsWith(Closing.COMPLETED)) {
                Snapshot done = repository.snapshot(outcome.substring(Closing.COMPLETED.length()), null);
                return new TransferResult.Completed(
                        done.id(), new Ledger(listener, done.files(), done.bytes()).progress());
            }
            boolean begun = Files.exists(file);
            Snapshot chosen = repository.snapshot(plan.snapshot(), null);
            if (!begun) {
                requireFree(plan.target(), chosen);
            }
            try (Attempt attempt = repository.begin(plan.sessionId(), plan.token(), "restore to " + plan.target());
                    Journal journal = Journal.open(file, chosen.id())) {
                Snapshot snapshot = begun ? repository.snapshot(journal.snapshot(), null) : chosen;
                synchronized (listener) {
                    listener.started(attempt.start(), attempt.token(), attempt.epoch());
                }
                return new Restore(plan, control, listener, attempt, snapshot, journal).run(repository, listener);
            } catch (IOException e) {
                throw Errors.target(plan.target().toString(), e);
            }
        }
    }

    /** What the `closed` object of a restore says. */
    public static final class Closing {
        /** Begins the outcome of a completed restore; the id of the snapshot follows. */
        public static final String COMPLETED = "restored ";

        static final String CANCELED = "canceled";

        private Closing() {}
    }

    private static void requireFree(Path target, Snapshot snapshot) throws TransferException {
        if (snapshot.kind() == Snapshot.Kind.TREE) {
            prepare(target);
            return;
        }
        try {
            if (Files.isDirectory(target) || (Files.isRegularFile(target) && Files.size(target) > 0)) {
                throw new TransferException(
                        Code.TARGET_NOT_EMPTY,
                        "restore a device to " + target
                                + ": give a block device, an empty file, or a path where nothing is yet");
            }
        } catch (IOException e) {
            throw Errors.target(target.toString(), e);
        }
    }

    private static void prepare(Path target) throws TransferException {
        try (TargetDirectory empty = TargetDirectory.prepare(target)) {
            empty.sync();
        } catch (IOException e) {
            throw Errors.target(target.toString(), e);
        }
    }

    private TransferResult run(Repository repository, TransferListener listener)
            throws TransferException, InterruptedException, IOException {
        Thread pulse = Thread.ofPlatform().name("pulse").daemon().start(() -> beat(listener));
        try (ChunkReader reader = repository.reader()) {
            ChunkId id = snapshot.root().getFirst();
            Entry root = Pages.entries(reader.read(id), id).getFirst();
            Crew crew = new Crew(repository, control, plan.workers());
            if (snapshot.kind() == Snapshot.Kind.TREE) {
                tree(crew, root, reader);
            } else {
                device(crew, root);
            }
            @Nullable Throwable failure = crew.failure();
            if (failure != null) {
                throw Errors.of(failure);
            }
        } finally {
            pulse.interrupt();
            pulse.join();
        }
        TransferResult result = end();
        synchronized (listener) {
            listener.progressed(ledger.progress());
        }
        return result;
    }

    private void tree(Crew crew, Entry root, ChunkReader reader) throws TransferException, InterruptedException {
        TargetDirectory target = TargetDirectory.resume(plan.target(), false);
        TreeRestore walk = new TreeRestore(crew, journal, ledger, reader);
        try {
            walk.walk(root, target);
        } catch (TransferException | RuntimeException e) {
            control.stop();
            crew.finish();
            throw e;
        }
        crew.finish();
        if (!crew.halting()) {
            walk.link(plan.target());
        }
    }

    private void device(Crew crew, Entry root) throws TransferException, InterruptedException {
        try {
            new DeviceRestore(crew, journal, ledger, plan.target()).walk(root);
        } finally {
            crew.finish();
        }
    }

    private TransferResult end() throws TransferException, IOException {
        TransferControl.@Nullable Ending ending = control.ending();
        if (ending == null) {
            attempt.finish(Closing.COMPLETED + snapshot.id());
            journal.remove();
            return new TransferResult.Completed(snapshot.id(), ledger.progress());
        }
        if (ending == TransferControl.Ending.CANCEL) {
            attempt.finish(Closing.CANCELED);
            journal.remove();
            return new TransferResult.Canceled(ledger.progress());
        }
        return new TransferResult.Stopped(ledger.progress());
    }

    private void beat(TransferListener listener) {
        try {
            while (true) {
                Thread.sleep(100);
                var wish = control.takeCheckpoint();
                synchronized (listener) {
                    listener.progressed(ledger.progress());
                }
                if (wish != null) {
                    wish.complete(ledger.progress());
                }
            }
        } catch (InterruptedException e) {
            // The restore is over.
        }
    }
}
