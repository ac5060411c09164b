package dev.holdfast.mover.worker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The mover's own log: at most two files of {@code bytesMax} each. A log that cannot be written is dropped, never a
 * reason to stop. Lock: the object itself guards the stream.
 */
final class MoverLog {
    /** Of one file. */
    static final long BYTES_MAX = 1 << 20;

    private final Path file;
    private final long bytesMax;
    private @Nullable OutputStream out;
    private long size;

    MoverLog(Path directory, long bytesMax) {
        this.file = directory.resolve("mover.log");
        this.bytesMax = bytesMax;
    }

    void line(String text) {
        line(text, null);
    }

    synchronized void line(String text, @Nullable Throwable trouble) {
        StringWriter line = new StringWriter();
        line.append(Instant.now().truncatedTo(ChronoUnit.MILLIS).toString())
                .append(' ')
                .append(text)
                .append('\n');
        if (trouble != null) {
            trouble.printStackTrace(new PrintWriter(line, true));
        }
        write(line.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** What the Java runtime itself writes to its standard error stays where the agent pointed it: the same file. */
    PrintStream asStream() {
        return new PrintStream(
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        MoverLog.this.write(new byte[] {(byte) b});
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) {
                        byte[] part = new byte[length];
                        System.arraycopy(bytes, offset, part, 0, length);
                        MoverLog.this.write(part);
                    }
                },
                true,
                StandardCharsets.UTF_8);
    }

    private synchronized void write(byte[] bytes) {
        try {
            if (out == null) {
                open();
            }
            if (size > 0 && size + bytes.length > bytesMax) {
                rotate();
            }
            if (out != null && bytes.length <= bytesMax) {
                out.write(bytes);
                size += bytes.length;
            }
        } catch (IOException e) {
            out = null; // Tried again at the next line.
        }
    }

    private void open() throws IOException {
        out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        size = Files.size(file);
    }

    private void rotate() throws IOException {
        OutputStream full = out;
        out = null;
        if (full != null) {
            full.close();
        }
        Files.move(file, file.resolveSibling("mover.log.1"), StandardCopyOption.REPLACE_EXISTING);
        open();
    }
}
