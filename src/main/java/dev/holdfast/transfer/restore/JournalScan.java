package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;

/**
 * What the records of a journal say, read a piece at a time: there is a record for every MiB of the restore.
 *
 * @param tasks records of tasks
 * @param durable how many of them a mark covers
 * @param all whether all of them count: neither did the machine start anew, nor did a sync fail
 * @param end behind the last record that counts by itself: warnings whose task was not written are none
 */
record JournalScan(BitSet done, Map<Kind, Long> warned, int tasks, int durable, boolean all, long end) {
    private static final int PIECE = 4096 * JournalRecord.LENGTH;

    static JournalScan nothing() {
        return new JournalScan(new BitSet(), new EnumMap<>(Kind.class), 0, 0, true, 0);
    }

    /** @param sameBoot whether the machine still runs as it did when they were written */
    static JournalScan of(RandomAccessFile file, long start, boolean sameBoot) throws IOException {
        Marks marks = new Marks(sameBoot, start);
        each(file, start, marks);
        Tasks tasks = new Tasks(marks.all ? Integer.MAX_VALUE : marks.durable);
        each(file, start, tasks);
        return new JournalScan(tasks.done, tasks.warned, tasks.count, marks.durable, marks.all, marks.end);
    }

    /** Hears of each record and where it ends. */
    private interface Visitor {
        void record(long number, long end);
    }

    private static void each(RandomAccessFile file, long start, Visitor visitor) throws IOException {
        long position = start;
        int at;
        byte[] piece;
        do {
            file.seek(position);
            piece = piece(file);
            for (at = 0; JournalRecord.isWhole(piece, at); at += JournalRecord.LENGTH) {
                visitor.record(JournalRecord.number(piece, at), position + at + JournalRecord.LENGTH);
            }
            position += at;
        } while (at == PIECE);
    }

    private static byte[] piece(RandomAccessFile file) throws IOException {
        byte[] piece = new byte[PIECE];
        int filled = 0;
        int read;
        while (filled < PIECE && (read = file.read(piece, filled, PIECE - filled)) > 0) {
            filled += read;
        }
        return filled == PIECE ? piece : Arrays.copyOf(piece, filled);
    }

    private static final class Marks implements Visitor {
        boolean all;
        int durable;
        long end;

        Marks(boolean all, long end) {
            this.all = all;
            this.end = end;
        }

        @Override
        public void record(long number, long behind) {
            all &= number != Journal.FORGET;
            durable = number < 0 && number != Journal.FORGET ? Math.max(durable, (int) -number) : durable;
            end = JournalRecord.isWarnings(number) ? end : behind;
        }
    }

    private static final class Tasks implements Visitor {
        final BitSet done = new BitSet();
        final Map<Kind, Long> warned = new EnumMap<>(Kind.class);
        int count;

        private final Map<Kind, Long> next = new EnumMap<>(Kind.class);
        private final int most;

        Tasks(int most) {
            this.most = most;
        }

        @Override
        public void record(long number, long behind) {
            if (count == most) {
                return;
            }
            if (JournalRecord.isWarnings(number)) {
                JournalRecord.addTo(next, number);
            } else if (number >= 0) {
                done.set((int) number);
                next.forEach((kind, value) -> warned.merge(kind, value, Long::sum));
                next.clear();
                count++;
            }
        }
    }
}
