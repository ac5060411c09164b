package dev.holdfast.mover.protocol;

import dev.holdfast.linux.Memory;
import dev.holdfast.linux.Syscall;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** All by system calls: no need for a new C library. */
final class SyscallProcessCalls implements ProcessCalls {
    private static final int EPERM = 1;
    private static final int ESRCH = 3;
    private static final short POLLIN = 1;
    private static final int POLLFD_BYTES = 8;
    private static final int TIMESPEC_BYTES = 16;
    private static final int CLOEXEC_NONBLOCK = 0x80000 | 0x800;
    private static final int AT_FDCWD = -100;
    private static final int O_CLOEXEC = 0x80000;
    private static final int CLONE_NEWCGROUP = 0x02000000;

    @Override
    public int pidfdOpen(long pid) throws IOException {
        long result = Syscall.PIDFD_OPEN.call(pid, 0);
        return result == -ESRCH ? -1 : (int) done(result, "pidfd_open " + pid);
    }

    @Override
    public boolean signal(int pidfd, int signal) throws IOException {
        long result = Syscall.PIDFD_SEND_SIGNAL.call(pidfd, signal, 0, 0);
        if (result == -ESRCH) {
            return false;
        }
        done(result, "pidfd_send_signal " + signal);
        return true;
    }

    @Override
    public boolean[] poll(int[] descriptors, long millis) throws IOException {
        Memory memory = Memory.allocate(TIMESPEC_BYTES + POLLFD_BYTES * descriptors.length, 8);
        memory.bytes.putLong(0, millis / 1000).putLong(8, millis % 1000 * 1_000_000);
        for (int i = 0; i < descriptors.length; i++) {
            int at = TIMESPEC_BYTES + i * POLLFD_BYTES;
            memory.bytes.putInt(at, descriptors[i]).putShort(at + 4, POLLIN);
        }
        long polled = memory.address + TIMESPEC_BYTES;
        done(Syscall.PPOLL.call(polled, descriptors.length, millis < 0 ? 0 : memory.address, 0), "ppoll");
        boolean[] ready = new boolean[descriptors.length];
        for (int i = 0; i < ready.length; i++) {
            ready[i] = memory.bytes.getShort(TIMESPEC_BYTES + i * POLLFD_BYTES + 6) != 0;
        }
        memory.keep();
        return ready;
    }

    @Override
    public int wakeup() throws IOException {
        return (int) done(Syscall.EVENTFD2.call(0, CLOEXEC_NONBLOCK), "eventfd2");
    }

    @Override
    public void wake(int wakeup) throws IOException {
        Memory one = Memory.allocate(8, 8);
        one.bytes.putLong(0, 1);
        done(Syscall.WRITE.call(wakeup, one.address, 8), "write to eventfd");
        one.keep();
    }

    @Override
    public void calm(int wakeup) {
        Memory count = Memory.allocate(8, 8);
        Syscall.READ.call(wakeup, count.address, 8); // EAGAIN means that it was calm already.
        count.keep();
    }

    @Override
    public void close(int descriptor) {
        Syscall.CLOSE.call(descriptor);
    }

    @Override
    public void leadSession() throws IOException {
        long result = Syscall.SETSID.call();
        if (result != -EPERM) {
            done(result, "setsid");
        }
    }

    @Override
    public void joinHostCgroupNamespace() throws IOException {
        byte[] name = "/proc/1/ns/cgroup".getBytes(StandardCharsets.US_ASCII);
        Memory path = Memory.allocate(name.length + 1, 8);
        path.bytes.put(0, name);
        long namespace = done(Syscall.OPENAT.call(AT_FDCWD, path.address, O_CLOEXEC, 0), "open /proc/1/ns/cgroup");
        path.keep();
        try {
            done(Syscall.SETNS.call(namespace, CLONE_NEWCGROUP), "setns /proc/1/ns/cgroup");
        } finally {
            close((int) namespace);
        }
    }

    private static long done(long result, String what) throws IOException {
        if (result < 0) {
            throw new IOException(what + ": errno " + -result);
        }
        return result;
    }
}
