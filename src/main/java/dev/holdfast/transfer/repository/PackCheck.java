package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Proves one pack from end to end. Used once. */
final class PackCheck {
    private final String pack;
    private final PackReader reader;
    private final ChunkHasher hasher;
    private final PackReader.Frame frame = new PackReader.Frame();
    private final List<String> problems = new ArrayList<>();
    private final BlobStore store;
    private long frames;
    private long chunks;

    PackCheck(String pack, PackReader reader, ChunkHasher hasher, BlobStore store) {
        this.store = store;
        this.pack = pack;
        this.reader = reader;
        this.hasher = hasher;
    }

    PackReport run(long size) throws TransferException {
        byte[] directory = reader.storedDirectory(pack);
        if (directory == null) {
            PackReader.Scan scan = reader.scan(pack);
            problems.add(reader.place(pack, scan.good()) + ": no intact directory at the end of the pack; "
                    + scan.directory().frames() + " intact frames before that place");
            directory = scan.directory().toBytes();
        }
        for (PackDirectory.Entry entry : PackDirectory.entries(directory)) {
            check(entry);
        }
        return new PackReport(pack, frames, chunks, size, problems);
    }

    private void check(PackDirectory.Entry entry) throws TransferException {
        String place = reader.place(pack, entry.offset);
        try {
            reader.read(pack, entry.offset, frame);
            if (frame.header().stamp() != entry.stamp || frame.header().members() != entry.members) {
                problems.add(place + ": the frame is not the one in the directory");
                return;
            }
            frames++;
            if (!Frames.holdsChunks(entry.type)) {
                return;
            }
            for (int i = 0; i < entry.members; i++) {
                int[] range = frame.member(i);
                if (hasher.id(frame.plain(), range[0], range[1]).equals(entry.id(i))) {
                    chunks++;
                } else {
                    problems.add(place + ": chunk " + entry.id(i) + " has other content");
                }
            }
        } catch (IOException bad) {
            problems.add(place + ": " + bad.getMessage());
        } catch (TransferException bad) {
            problems.add(String.valueOf(Trouble.requireOfObject(store, bad).getMessage()));
        }
    }
}
