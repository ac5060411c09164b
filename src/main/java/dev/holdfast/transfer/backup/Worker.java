package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.chunk.Chunker;
import dev.holdfast.transfer.repository.Attempt;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thread's tools: buffers, cutter, and its place in the crew. Takes tasks until there are none. */
final class Worker implements Runnable {
    /** Bytes read at once from a large file; at least twice the largest chunk. */
    static final int WINDOW = 4 << 20;

    final Crew crew;
    final Crew.Member member;
    final Chunker chunker;
    final byte[] buffer = new byte[WINDOW];

    private final Attempt attempt;

    Worker(Crew crew, Crew.Member member, Chunker chunker, Attempt attempt) {
        this.crew = crew;
        this.member = member;
        this.chunker = chunker;
        this.attempt = attempt;
    }

    @Override
    public void run() {
        try {
            Crew.@Nullable Task task;
            while ((task = member.next()) != null) {
                task.run(this);
            }
        } catch (Halt halt) {
            // Another thread knows why; what this one wrote is made durable below.
        } catch (TransferException | RuntimeException | Error e) {
            crew.fail(e);
        } finally {
            leave();
        }
    }

    /** Writes the chunk unless the repository has it. */
    ChunkId store(byte[] bytes, int offset, int length, boolean again) throws TransferException {
        ChunkId id = member.hasher.id(bytes, offset, length);
        if (member.claim(id)) {
            member.sent(member.writer.data(List.of(new ChunkRef(id, 0, length)), bytes, offset, length));
        } else {
            countAgain(id, length, again);
        }
        return id;
    }

    /** Counts bytes that an earlier attempt had read already. */
    void countAgain(ChunkId id, int length, boolean again) {
        if (again || attempt.unrecorded(id)) {
            crew.counters.bytesReadAgain.add(length);
        }
    }

    private void leave() {
        try {
            member.leave();
        } catch (TransferException | RuntimeException e) {
            crew.fail(e);
        }
    }
}
