package dev.holdfast.transfer;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files for what a run cannot hold in memory. They have no name, so none is left behind, whatever happens. */
public final class UnnamedFile {
    private UnnamedFile() {}

    public static RandomAccessFile in(Path scratch) throws IOException {
        Path name = Files.createTempFile(scratch, ".holdfast-", "");
        try {
            return new RandomAccessFile(name.toFile(), "rw");
        } finally {
            Files.delete(name);
        }
    }
}
