package dev.holdfast.transfer.tree;

import dev.holdfast.transfer.os.Posix;
import java.io.IOException;
import java.util.Objects;

/** Whole reads and writes over calls that may do less than asked. */
final class Content {
    private static final Posix POSIX = Posix.host();

    private Content() {}

    static int read(int fd, byte[] buffer, int offset, int length, long position) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        int done = 0;
        while (done < length) {
            int read = POSIX.pread(fd, buffer, offset + done, length - done, position + done);
            if (read == 0) {
                break;
            }
            done += read;
        }
        return done;
    }

    static void write(int fd, byte[] buffer, int offset, int length, long position) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        int done = 0;
        while (done < length) {
            done += POSIX.pwrite(fd, buffer, offset + done, length - done, position + done);
        }
    }
}
