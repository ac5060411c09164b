package dev.holdfast.transfer.os;

/** Error numbers of Linux on x86-64 and aarch64 that callers decide by, and words for them. */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int E2BIG = 7;
    public static final int EBADF = 9;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int EXDEV = 18;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int EFBIG = 27;
    public static final int ENOSPC = 28;
    public static final int EROFS = 30;
    public static final int EMLINK = 31;
    public static final int ERANGE = 34;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOSYS = 38;
    public static final int ENOTEMPTY = 39;
    public static final int ELOOP = 40;
    public static final int ENODATA = 61;
    public static final int EOPNOTSUPP = 95;
    public static final int ESTALE = 116;
    public static final int EDQUOT = 122;

    private Errno() {}

    static String describe(int errno) {
        return switch (errno) {
            case EPERM -> "operation not permitted";
            case ENOENT -> "no such file or directory";
            case EINTR -> "interrupted system call";
            case EIO -> "input/output error";
            case ENXIO -> "no such device or address";
            case E2BIG -> "too large";
            case ENOMEM -> "out of memory";
            case ENFILE -> "too many open files on this machine";
            case EBADF -> "bad file descriptor";
            case EACCES -> "permission denied";
            case EBUSY -> "in use";
            case EEXIST -> "file exists";
            case EXDEV -> "crosses a file system boundary";
            case ENODEV -> "no such device";
            case ENOTDIR -> "not a directory";
            case EISDIR -> "is a directory";
            case EINVAL -> "invalid argument";
            case EMFILE -> "too many open files; raise the limit (ulimit -n)";
            case EFBIG -> "file too large for the file system";
            case ENOSPC -> "no space left on device";
            case EROFS -> "read-only file system";
            case EMLINK -> "too many links";
            case ERANGE -> "result too large";
            case ENAMETOOLONG -> "name too long";
            case ENOSYS -> "not implemented by this kernel";
            case ENOTEMPTY -> "directory not empty";
            case ELOOP -> "is a symbolic link";
            case ENODATA -> "no data available";
            case EOPNOTSUPP -> "not supported by the file system";
            case ESTALE -> "stale file handle";
            case EDQUOT -> "disk quota exceeded";
            default -> "errno " + errno;
        };
    }
}
