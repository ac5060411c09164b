package dev.holdfast.linux;

/**
 * The system calls in use, named as in section 2 of the manual, with their numbers on x86-64 and aarch64. Arguments are
 * numbers: descriptors, flags, and addresses of {@link Memory}. A call returns what the kernel does: a result, or below
 * zero the number of an error. Interrupted calls are repeated, but not {@code close}, which is done all the same.
 *
 * <p>Blocking calls pin a virtual thread. Safe for use by any number of threads.
 */
public enum Syscall {
    CLOSE(3, 57),
    EVENTFD2(290, 19),
    FADVISE64(221, 223),
    FALLOCATE(285, 47),
    FCHMOD(91, 52),
    FCHMODAT(268, 53),
    FCHOWN(93, 55),
    FCHOWNAT(260, 54),
    FDATASYNC(75, 83),
    FGETXATTR(193, 10),
    FLISTXATTR(196, 13),
    FREMOVEXATTR(199, 16),
    FSETXATTR(190, 7),
    FSYNC(74, 82),
    FTRUNCATE(77, 46),
    GETDENTS64(217, 61),
    LGETXATTR(192, 9),
    LINKAT(265, 37),
    LLISTXATTR(195, 12),
    LSEEK(8, 62),
    LSETXATTR(189, 6),
    MKDIRAT(258, 34),
    MKNODAT(259, 33),
    OPENAT(257, 56),
    PIDFD_OPEN(434, 434),
    PIDFD_SEND_SIGNAL(424, 424),
    /** Leaves in its timeout what is left of it. */
    PPOLL(271, 73),
    PREAD64(17, 67),
    PWRITE64(18, 68),
    READ(0, 63),
    READLINKAT(267, 78),
    SETNS(308, 268),
    SETSID(112, 157),
    STATX(332, 291),
    SYMLINKAT(266, 36),
    SYNCFS(306, 267),
    UNLINKAT(263, 35),
    UTIMENSAT(280, 88),
    WRITE(1, 64);

    private static final Gate GATE = Gate.ofThisProgram();
    private static final int EINTR = 4;

    private final int number;

    Syscall(int x86, int arm) {
        this.number = Machine.ARM ? arm : x86;
    }

    public long call() {
        return call(0, 0, 0, 0, 0);
    }

    public long call(long a) {
        return call(a, 0, 0, 0, 0);
    }

    public long call(long a, long b) {
        return call(a, b, 0, 0, 0);
    }

    public long call(long a, long b, long c) {
        return call(a, b, c, 0, 0);
    }

    public long call(long a, long b, long c, long d) {
        return call(a, b, c, d, 0);
    }

    public long call(long a, long b, long c, long d, long e) {
        long result;
        do {
            result = GATE.call(number, a, b, c, d, e);
        } while (result == -EINTR && this != CLOSE);
        return result;
    }
}
