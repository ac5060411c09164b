package dev.holdfast.transfer.os;

import dev.holdfast.linux.Memory;
import java.nio.ByteBuffer;
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
    private static final ThreadLocal<Scratch> CURRENT = ThreadLocal.withInitial(Scratch::new);

    private final Memory status = Memory.allocate(256, 8);
    private final Memory times = Memory.allocate(32, 8);
    private final Memory transfer = Memory.allocate(TRANSFER, PAGE);
    private final Memory first = Memory.allocate(NAME, 8);
    private final Memory second = Memory.allocate(NAME, 8);

    private Scratch() {}

    static Scratch current() {
        return CURRENT.get();
    }

    /** A name as a C string. Too long a name is cut one byte behind what the kernel accepts, so it refuses it. */
    long first(byte[] name) {
        return text(first, 0, name);
    }

    long second(byte[] name) {
        return text(second, 0, name);
    }

    /** A path that leads to an open file. */
    long pathOf(int fd) {
        text(first, number(fd), new byte[0]);
        return first.address;
    }

    /** A path that leads to {@code name} in an open directory, for calls that take no directory. */
    long pathOf(int dirfd, byte[] name) {
        int end = number(dirfd);
        first.bytes.put(end, (byte) '/');
        return text(first, end + 1, name);
    }

    private int number(int fd) {
        byte[] number = Integer.toString(fd).getBytes(StandardCharsets.US_ASCII);
        first.bytes.put(0, PROC).put(PROC.length, number);
        return PROC.length + number.length;
    }

    private static long text(Memory into, int at, byte[] name) {
        int length = Math.min(name.length, NAME - at - 1);
        into.bytes.put(at, name, 0, length).put(at + length, (byte) 0);
        return into.address;
    }

    /** Where content, directory records and attribute values go. */
    long transfer() {
        return transfer.address;
    }

    long put(byte[] source, int offset, int length) {
        transfer.bytes.put(0, source, offset, length);
        return transfer.address;
    }

    void take(byte[] target, int offset, int length) {
        transfer.bytes.get(0, target, offset, length);
    }

    /** Two {@code struct timespec}: access time left as it is, modification time as given. */
    long times(long seconds, int nanos) {
        long omit = (1L << 30) - 2;
        times.bytes.putLong(0, 0).putLong(8, omit).putLong(16, seconds).putLong(24, nanos);
        return times.address;
    }

    /** Where a {@code struct statx} goes. */
    long statusAddress() {
        return status.address;
    }

    Stat status() {
        ByteBuffer statx = status.bytes;
        return new Stat(
                Short.toUnsignedInt(statx.getShort(28)),
                statx.getInt(20),
                statx.getInt(24),
                statx.getLong(40),
                statx.getLong(112),
                statx.getInt(120),
                statx.getLong(96),
                statx.getInt(104),
                statx.getLong(32),
                device(136),
                Integer.toUnsignedLong(statx.getInt(16)),
                device(128),
                statx.getLong(48));
    }

    /** Nanoseconds; 0 when the kernel's mask says that it is not known. */
    long birth() {
        boolean known = (status.bytes.getInt(0) & 0x800) != 0;
        return known ? status.bytes.getLong(80) * 1_000_000_000 + status.bytes.getInt(88) : 0;
    }

    private long device(int at) {
        long major = Integer.toUnsignedLong(status.bytes.getInt(at));
        long minor = Integer.toUnsignedLong(status.bytes.getInt(at + 4));
        return (major & 0xfffff000L) << 32 | (major & 0xfff) << 8 | (minor & 0xffffff00L) << 12 | minor & 0xff;
    }
}
