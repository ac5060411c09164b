package dev.holdfast.cli;

import dev.holdfast.linux.Reason;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Standard output that remembers why it failed, which a {@link PrintStream} does not tell. */
final class StandardOutput extends OutputStream {
    private final OutputStream descriptor;
    private @Nullable IOException failure;

    StandardOutput(OutputStream descriptor) {
        this.descriptor = descriptor;
    }

    /** From now on all of this process prints through it. */
    static StandardOutput install() {
        StandardOutput output = new StandardOutput(new FileOutputStream(FileDescriptor.out));
        System.setOut(new PrintStream(new BufferedOutputStream(output), true, System.out.charset()));
        return output;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            descriptor.write(bytes, offset, length);
        } catch (IOException e) {
            failure = failure == null ? e : failure;
            throw e;
        }
    }

    /** Why something printed did not arrive. A reader that has gone, such as {@code head}, has what it wanted. */
    Optional<String> lost() {
        return Optional.ofNullable(failure).map(Reason::of).filter(reason -> !reason.contains("Broken pipe"));
    }
}
