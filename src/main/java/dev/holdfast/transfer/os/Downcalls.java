package dev.holdfast.transfer.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;

/** Handles to the C library; each takes the segment that errno is captured into as its first argument. */
@SuppressWarnings("restricted")
final class Downcalls {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    static final MethodHandle OPENAT = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("openat"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
            ERRNO,
            Linker.Option.firstVariadicArg(3));
    static final MethodHandle CLOSE = ofInt("close", JAVA_INT);
    static final MethodHandle STATX = ofInt("statx", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    static final MethodHandle GETDENTS = ofLong("getdents64", JAVA_INT, ADDRESS, JAVA_LONG);
    static final MethodHandle PREAD = ofLong("pread", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    static final MethodHandle PWRITE = ofLong("pwrite", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    static final MethodHandle LSEEK = ofLong("lseek", JAVA_INT, JAVA_LONG, JAVA_INT);
    static final MethodHandle FTRUNCATE = ofInt("ftruncate", JAVA_INT, JAVA_LONG);
    static final MethodHandle FALLOCATE = ofInt("fallocate", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    static final MethodHandle FDATASYNC = ofInt("fdatasync", JAVA_INT);
    static final MethodHandle FSYNC = ofInt("fsync", JAVA_INT);
    static final MethodHandle SYNCFS = ofInt("syncfs", JAVA_INT);
    static final MethodHandle FADVISE = ofInt("posix_fadvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    static final MethodHandle MKNODAT = ofInt("mknodat", JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
    static final MethodHandle MKDIRAT = ofInt("mkdirat", JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle SYMLINKAT = ofInt("symlinkat", ADDRESS, JAVA_INT, ADDRESS);
    static final MethodHandle LINKAT = ofInt("linkat", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle READLINKAT = ofLong("readlinkat", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle UNLINKAT = ofInt("unlinkat", JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle FCHOWNAT = ofInt("fchownat", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT);
    static final MethodHandle FCHOWN = ofInt("fchown", JAVA_INT, JAVA_INT, JAVA_INT);
    static final MethodHandle FCHMODAT = ofInt("fchmodat", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    static final MethodHandle FCHMOD = ofInt("fchmod", JAVA_INT, JAVA_INT);
    static final MethodHandle UTIMENSAT = ofInt("utimensat", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    static final MethodHandle FUTIMENS = ofInt("futimens", JAVA_INT, ADDRESS);
    static final MethodHandle LLISTXATTR = ofLong("llistxattr", ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle FLISTXATTR = ofLong("flistxattr", JAVA_INT, ADDRESS, JAVA_LONG);
    static final MethodHandle LGETXATTR = ofLong("lgetxattr", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle FGETXATTR = ofLong("fgetxattr", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
    static final MethodHandle LSETXATTR = ofInt("lsetxattr", ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
    static final MethodHandle FSETXATTR = ofInt("fsetxattr", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
    static final MethodHandle FREMOVEXATTR = ofInt("fremovexattr", JAVA_INT, ADDRESS);

    private Downcalls() {}

    private static MethodHandle ofInt(String name, MemoryLayout... arguments) {
        return link(name, FunctionDescriptor.of(JAVA_INT, arguments));
    }

    private static MethodHandle ofLong(String name, MemoryLayout... arguments) {
        return link(name, FunctionDescriptor.of(JAVA_LONG, arguments));
    }

    private static MethodHandle link(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, ERRNO);
    }
}
