package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.zip.CRC32C;

/** The records of a journal: a number in 8 bytes, CRC-32C of these in 4, little endian. */
@SuppressWarnings("EnumOrdinal") // The order of the kinds of warnings is part of the format.
final class JournalRecord {
    static final int LENGTH = 12;

    private static final long COUNT_MAX = 0xFFFFFFFFL;

    private JournalRecord() {}

    static byte[] of(long number) {
        byte[] record = new byte[LENGTH];
        ByteBuffer fields = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
        fields.putLong(0, number);
        fields.putInt(8, crc(record, 0));
        return record;
    }

    /** Of {@code count} warnings of a kind. */
    static byte[] of(Kind kind, long count) {
        return of((1L + kind.ordinal()) << 32 | Math.min(count, COUNT_MAX));
    }

    static boolean isWarnings(long number) {
        return number > Integer.MAX_VALUE;
    }

    /** Warnings of a kind that this version does not know are left out. */
    static void addTo(Map<Kind, Long> warnings, long number) {
        int kind = (int) (number >>> 32) - 1;
        if (kind >= 0 && kind < Kind.values().length) {
            warnings.merge(Kind.values()[kind], number & COUNT_MAX, Long::sum);
        }
    }

    static long number(byte[] bytes, int position) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(position);
    }

    static boolean isWhole(byte[] bytes, int position) {
        return position + LENGTH <= bytes.length
                && ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(position + 8) == crc(bytes, position);
    }

    private static int crc(byte[] bytes, int position) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, position, 8);
        return (int) crc.getValue();
    }
}
