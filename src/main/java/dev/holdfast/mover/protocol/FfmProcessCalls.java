package dev.holdfast.mover.protocol;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** All through {@code syscall(2)}: one signature, and no need for a new libc. */
final class FfmProcessCalls implements ProcessCalls {
    private static final int EPERM = 1;
    private static final int ESRCH = 3;
    private static final int EINTR = 4;
    private static final short POLLIN = 1;
    private static final int POLLFD_BYTES = 8;
    private static final int CLOEXEC_NONBLOCK = 0x80000 | 0x800;
    private static final int AT_FDCWD = -100;
    private static final int O_CLOEXEC = 0x80000;
    private static final int CLONE_NEWCGROUP = 0x02000000;

    /** Numbers that differ between the two machines; pidfd calls have the same on both. */
    private record Numbers(
            long close, long openat, long read, long write, long ppoll, long eventfd2, long setsid, long setns) {
        static Numbers ofThisMachine() {
            String arch = System.getProperty("os.arch");
            return switch (arch) {
                case "amd64", "x86_64" -> new Numbers(3, 257, 0, 1, 271, 290, 112, 308);
                case "aarch64" -> new Numbers(57, 56, 63, 64, 73, 19, 157, 268);
                default -> throw new IllegalStateException("no system call numbers for " + arch);
            };
        }
    }

    private static final long PIDFD_OPEN = 434;
    private static final long PIDFD_SEND_SIGNAL = 424;

    private final Numbers numbers = Numbers.ofThisMachine();
    private final MethodHandle syscall;
    private final MemoryLayout stateLayout = Linker.Option.captureStateLayout();
    private final VarHandle errno = stateLayout.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    @SuppressWarnings("restricted")
    FfmProcessCalls() {
        Linker linker = Linker.nativeLinker();
        ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
        syscall = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(word, word, word, word, word, word, word),
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
    }

    @Override
    public int pidfdOpen(long pid) throws IOException {
        Result result = call(PIDFD_OPEN, pid, 0, 0, 0, 0);
        return result.value < 0 && result.errno == ESRCH ? -1 : (int) result.orThrow("pidfd_open " + pid);
    }

    @Override
    public boolean signal(int pidfd, int signal) throws IOException {
        Result result = call(PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0, 0);
        if (result.value < 0 && result.errno == ESRCH) {
            return false;
        }
        result.orThrow("pidfd_send_signal " + signal);
        return true;
    }

    @Override
    public boolean[] poll(int[] descriptors, long millis) throws IOException {
        long deadline = System.nanoTime() + millis * 1_000_000;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment polled = arena.allocate((long) POLLFD_BYTES * descriptors.length, 8);
            for (int i = 0; i < descriptors.length; i++) {
                polled.set(ValueLayout.JAVA_INT, (long) i * POLLFD_BYTES, descriptors[i]);
                polled.set(ValueLayout.JAVA_SHORT, (long) i * POLLFD_BYTES + 4, POLLIN);
            }
            MemorySegment timeout = millis < 0 ? MemorySegment.NULL : arena.allocate(16, 8);
            Result result;
            do {
                if (millis >= 0) {
                    long nanos = Math.max(0, deadline - System.nanoTime());
                    timeout.set(ValueLayout.JAVA_LONG, 0, nanos / 1_000_000_000);
                    timeout.set(ValueLayout.JAVA_LONG, 8, nanos % 1_000_000_000);
                }
                result = call(numbers.ppoll, polled.address(), descriptors.length, timeout.address(), 0, 0);
            } while (result.value < 0 && result.errno == EINTR);
            result.orThrow("ppoll");
            boolean[] ready = new boolean[descriptors.length];
            for (int i = 0; i < ready.length; i++) {
                ready[i] = polled.get(ValueLayout.JAVA_SHORT, (long) i * POLLFD_BYTES + 6) != 0;
            }
            return ready;
        }
    }

    @Override
    public int wakeup() throws IOException {
        return (int) call(numbers.eventfd2, 0, CLOEXEC_NONBLOCK, 0, 0, 0).orThrow("eventfd2");
    }

    @Override
    public void wake(int wakeup) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
            call(numbers.write, wakeup, one.address(), 8, 0, 0).orThrow("write to eventfd");
        }
    }

    @Override
    public void calm(int wakeup) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            // EAGAIN means that it was calm already.
            call(numbers.read, wakeup, arena.allocate(8, 8).address(), 8, 0, 0);
        }
    }

    @Override
    public void close(int descriptor) {
        try {
            call(numbers.close, descriptor, 0, 0, 0, 0);
        } catch (IOException e) {
            throw new IllegalStateException(e); // Only the linker itself can fail here.
        }
    }

    @Override
    public void leadSession() throws IOException {
        Result result = call(numbers.setsid, 0, 0, 0, 0, 0);
        if (result.value < 0 && result.errno != EPERM) {
            result.orThrow("setsid");
        }
    }

    @Override
    public void joinHostCgroupNamespace() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom("/proc/1/ns/cgroup");
            int namespace = (int) call(numbers.openat, AT_FDCWD, path.address(), O_CLOEXEC, 0, 0)
                    .orThrow("open /proc/1/ns/cgroup");
            try {
                call(numbers.setns, namespace, CLONE_NEWCGROUP, 0, 0, 0).orThrow("setns /proc/1/ns/cgroup");
            } finally {
                close(namespace);
            }
        }
    }

    private record Result(long value, int errno) {
        long orThrow(String what) throws IOException {
            if (value < 0) {
                throw new IOException(what + ": errno " + errno);
            }
            return value;
        }
    }

    private Result call(long number, long a, long b, long c, long d, long e) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(stateLayout);
            long value = (long) syscall.invokeExact(state, number, a, b, c, d, e);
            return new Result(value, value < 0 ? (int) errno.get(state, 0L) : 0);
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable failure) {
            throw new IOException("system call " + number, failure);
        }
    }
}
