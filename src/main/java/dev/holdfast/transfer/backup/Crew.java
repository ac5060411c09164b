package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.Pace;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.repository.Attempt;
import dev.holdfast.transfer.repository.ChunkHasher;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.PackWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What the threads of one backup share: the queue of work, the wish to stop, the first failure, and the round of syncs
 * that makes a checkpoint. Every thread that writes is a {@link Member} and must call {@link Member#breathe} between
 * blocks.
 */
final class Crew {
    private static final long POLL_MILLIS = 20;

    private final Attempt attempt;
    private final TransferControl control;
    private final BlockingQueue<Task> queue;
    private final Pace pace;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean drained;
    private volatile boolean halted;

    /** Guarded by this, as are the rounds of the members. */
    private final List<Member> members = new ArrayList<>();

    private volatile long round;

    final Counters counters;

    Crew(Attempt attempt, Counters counters, TransferControl control, int workers) {
        this.attempt = attempt;
        this.counters = counters;
        this.control = control;
        this.queue = new ArrayBlockingQueue<>(2 * workers + 2);
        this.pace = new Pace(control::bytesPerSecondMax, System::nanoTime);
    }

    /** Work for one worker; must not be handed to two. */
    interface Task {
        void run(Worker worker) throws TransferException;
    }

    /** Must be called by the thread that will use it. */
    synchronized Member join(ChunkHasher hasher) {
        Member member = new Member(attempt.newWriter(), hasher);
        member.synced = round;
        members.add(member);
        return member;
    }

    void fail(Throwable why) {
        failure.compareAndSet(null, why);
        halted = true;
    }

    /** Ends all work at the next breath; nothing is wrong. */
    void halt() {
        halted = true;
    }

    boolean halting() {
        return halted || control.ending() != null;
    }

    @Nullable
    Throwable failure() {
        return failure.get();
    }

    /** No more tasks will come: workers leave when the queue is empty. */
    void drain() {
        drained = true;
    }

    /** Asks every member to sync at its next breath. */
    synchronized void startRound() {
        round = round + 1;
    }

    /** Whether every member that is still at work has synced since {@link #startRound}. */
    synchronized boolean roundDone() {
        return members.stream().allMatch(member -> member.left || member.synced == round);
    }

    /** One writing thread's place in the crew. */
    final class Member {
        final PackWriter writer;
        final ChunkHasher hasher;
        final Metadata metadata = new Metadata(this);

        private volatile long synced;
        private volatile boolean left;

        private Member(PackWriter writer, ChunkHasher hasher) {
            this.writer = writer;
            this.hasher = hasher;
        }

        /** True exactly once for a chunk the repository does not hold: the caller must write it. */
        boolean claim(ChunkId id) {
            return attempt.claim(id);
        }

        /** Accounts for bytes added to the repository. */
        void sent(long bytes) {
            counters.bytesSent.add(bytes);
        }

        /** Between blocks: answers a wish to sync, and unwinds when the crew is to stop. */
        void breathe() throws TransferException {
            if (halting()) {
                throw new Halt();
            }
            long wanted = round;
            if (synced != wanted) {
                metadata.flush();
                writer.sync();
                synced = wanted;
            }
        }

        /** Accounts for source bytes and waits as long as the rate limit says. */
        void spend(long bytes) throws TransferException {
            long ticket = pace.take(bytes);
            long wait;
            while ((wait = pace.nanosUntil(ticket)) > 0) {
                breathe();
                pause(Math.min(wait, TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS)));
            }
        }

        /** Hands a task over, waiting while the queue is full. */
        void submit(Task task) throws TransferException {
            try {
                do {
                    breathe();
                } while (!queue.offer(task, POLL_MILLIS, TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Halt();
            }
        }

        /** The next task, or null when there will be none. */
        @Nullable
        Task next() throws TransferException {
            try {
                while (true) {
                    breathe();
                    boolean last = drained;
                    Task task = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                    if (task != null || last) {
                        return task;
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Halt();
            }
        }

        /** Waits a moment for something that another thread does. */
        void idle() throws TransferException {
            breathe();
            pause(TimeUnit.MILLISECONDS.toNanos(1));
        }

        /** Makes everything written durable and takes no further part. */
        void leave() throws TransferException {
            try {
                metadata.flush();
                writer.sync();
            } finally {
                left = true;
            }
        }

        private void pause(long nanos) {
            try {
                TimeUnit.NANOSECONDS.sleep(nanos);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Halt();
            }
        }
    }
}
