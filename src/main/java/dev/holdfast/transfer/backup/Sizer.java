package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.SourceDirectory;
import java.io.IOException;
import java.nio.file.Path;

/** Adds the source up, beside the backup, so that progress has a total. Counts nothing that it cannot read. */
final class Sizer implements Runnable {
    private final Path source;
    private final Crew crew;
    private final Counters counters;
    private long files;
    private long bytes;

    Sizer(Path source, Crew crew, Counters counters) {
        this.source = source;
        this.crew = crew;
        this.counters = counters;
    }

    @Override
    public void run() {
        try (SourceDirectory root = SourceDirectory.open(source)) {
            add(root);
            counters.bytesTotal.set(bytes);
            counters.filesTotal.set(files);
        } catch (IOException | Halt e) {
            // Without totals the progress has no percentage; the walk itself reports what is wrong.
        }
    }

    private void add(SourceDirectory directory) throws IOException {
        files++;
        for (byte[] name : directory.names()) {
            if (crew.halting()) {
                throw new Halt();
            }
            try {
                Node node = directory.stat(name);
                if (node.type() == Node.Type.DIRECTORY) {
                    try (SourceDirectory below = directory.open(name)) {
                        add(below);
                    }
                } else {
                    files++;
                    bytes += node.type() == Node.Type.FILE ? node.size() : 0;
                }
            } catch (IOException e) {
                // Vanished or unreadable: not part of the total.
            }
        }
    }
}
