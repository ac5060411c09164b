package dev.holdfast.transfer.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.nio.charset.StandardCharsets;

/**
 * Native memory of one thread, used over and over, so that calls allocate nothing. Freed when the thread is gone. One
 * call uses it at a time: nothing in it outlives the call.
 */
final class Scratch {
    /** The longest single read or write; what is copied stays in the cache of the core. */
    static final int TRANSFER = 256 << 10;

    private static final int NAME = 4096 + 64;
    private static final int PAGE = 4096;
    private static final byte[] PROC = "/proc/self/fd/".getBytes(StandardCharsets.US_ASCII);
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO = STATE.byteOffset(PathElement.groupElement("errno"));
    private static final ThreadLocal<Scratch> CURRENT = ThreadLocal.withInitial(Scratch::new);

    /** Where errno is captured. */
    final MemorySegment state;

    /** {@code struct statx}. */
    final MemorySegment status;

    /** Two {@code struct timespec}. */
    final MemorySegment times;

    /** Content, directory records, attribute values. */
    final MemorySegment transfer;

    private final MemorySegment first;
    private final MemorySegment second;

    private Scratch() {
        Arena arena = Arena.ofAuto();
        state = arena.allocate(STATE);
        status = arena.allocate(256, 8);
        times = arena.allocate(32, 8);
        first = arena.allocate(NAME);
        second = arena.allocate(NAME);
        transfer = arena.allocate(TRANSFER, PAGE);
    }

    static Scratch current() {
        return CURRENT.get();
    }

    int errno() {
        return state.get(JAVA_INT, ERRNO);
    }

    /** A name as a C string. Too long a name is cut one byte behind what the kernel accepts, so it refuses it. */
    MemorySegment first(byte[] name) {
        return text(first, 0, name);
    }

    MemorySegment second(byte[] name) {
        return text(second, 0, name);
    }

    /** A path that leads to {@code name} in an open directory, for calls that take no directory. */
    MemorySegment pathOf(int dirfd, byte[] name) {
        byte[] number = Integer.toString(dirfd).getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(PROC, 0, first, JAVA_BYTE, 0, PROC.length);
        MemorySegment.copy(number, 0, first, JAVA_BYTE, PROC.length, number.length);
        int end = PROC.length + number.length;
        first.set(JAVA_BYTE, end, (byte) '/');
        return text(first, end + 1, name);
    }

    private static MemorySegment text(MemorySegment into, int at, byte[] name) {
        int length = Math.min(name.length, NAME - at - 1);
        MemorySegment.copy(name, 0, into, JAVA_BYTE, at, length);
        into.set(JAVA_BYTE, at + length, (byte) 0);
        return into;
    }

    MemorySegment put(byte[] source, int offset, int length) {
        MemorySegment.copy(source, offset, transfer, JAVA_BYTE, 0, length);
        return transfer;
    }

    void take(byte[] target, int offset, int length) {
        MemorySegment.copy(transfer, JAVA_BYTE, 0, target, offset, length);
    }

    /** Access time left as it is, modification time as given. */
    MemorySegment times(long seconds, int nanos) {
        long omit = (1L << 30) - 2;
        times.set(JAVA_LONG, 0, 0);
        times.set(JAVA_LONG, 8, omit);
        times.set(JAVA_LONG, 16, seconds);
        times.set(JAVA_LONG, 24, nanos);
        return times;
    }

    Stat status() {
        return new Stat(
                Short.toUnsignedInt(status.get(JAVA_SHORT, 28)),
                status.get(JAVA_INT, 20),
                status.get(JAVA_INT, 24),
                status.get(JAVA_LONG, 40),
                status.get(JAVA_LONG, 112),
                status.get(JAVA_INT, 120),
                status.get(JAVA_LONG, 96),
                status.get(JAVA_INT, 104),
                status.get(JAVA_LONG, 32),
                device(136),
                Integer.toUnsignedLong(status.get(JAVA_INT, 16)),
                device(128),
                status.get(JAVA_LONG, 48));
    }

    private long device(int at) {
        long major = Integer.toUnsignedLong(status.get(JAVA_INT, at));
        long minor = Integer.toUnsignedLong(status.get(JAVA_INT, at + 4));
        return (major & 0xfffff000L) << 32 | (major & 0xfff) << 8 | (minor & 0xffffff00L) << 12 | minor & 0xff;
    }
}
