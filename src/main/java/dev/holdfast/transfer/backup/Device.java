package dev.holdfast.transfer.backup;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Decoder;
import dev.holdfast.transfer.catalog.Encoder;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Pages;
import dev.holdfast.transfer.catalog.RecordKey;
import dev.holdfast.transfer.repository.Attempt;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkReader;
import dev.holdfast.transfer.tree.Node;
import dev.holdfast.transfer.tree.SourceFile;
import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A raw block device or an image file: regions of fixed, aligned blocks; blocks of zeros are holes. The whole device
 * becomes one entry whose content is a page of pieces for each region.
 */
final class Device {
    private static final byte[] NO_NAME = new byte[0];

    private final Path path;
    private final Node node;
    private final @Nullable ChunkId[] pages;
    private final AtomicInteger open;
    private volatile boolean changed;

    Device(Path path, SourceFile source) throws IOException {
        this.path = path;
        this.node = source.stat().ofSize(source.size());
        if (node.size() > LargeFile.BYTES_MAX) {
            throw new IOException("it has " + node.size() + " bytes, possible are " + LargeFile.BYTES_MAX);
        }
        int regions = (int) ((node.size() + Content.REGION - 1) / Content.REGION);
        this.pages = new ChunkId[regions];
        this.open = new AtomicInteger(regions);
    }

    long size() {
        return node.size();
    }

    boolean finished() {
        return open.get() == 0;
    }

    Entry entry() {
        List<ChunkId> ids = Arrays.stream(pages).map(Objects::requireNonNull).toList();
        return new Entry(NO_NAME, node, new Content.Regions(ids), changed);
    }

    /** Submits every region that no earlier attempt has recorded. */
    void submit(Attempt attempt, Crew.Member member, ChunkReader reader, Counters counters) throws TransferException {
        Holdings holdings = new Holdings(attempt, reader);
        for (int region = 0; region < pages.length; region++) {
            byte[] key = key(member, region);
            byte @Nullable [] record = attempt.epoch() > 1 ? attempt.recorded(key) : null;
            boolean last = record != null && Arrays.equals(key, attempt.lastRecordKey());
            if (record != null && !last) {
                ChunkId page = new Decoder(record, "record of " + path).id();
                if (holdings.whole(page)) {
                    pages[region] = page;
                    counters.bytesDone.add(length(region));
                    open.decrementAndGet();
                    continue;
                }
            }
            member.submit(task(region, last));
        }
    }

    private Crew.Task task(int region, boolean again) {
        return worker -> {
            long start = region * Content.REGION;
            boolean racy = isFile() && Racy.is(node);
            try (SourceFile source = SourceFile.openPath(path)) {
                var pieces = new RegionReader(worker, source, null, again).read(start, start + length(region));
                source.dontNeed(start, length(region));
                ChunkId page = worker.member.metadata.write(Pages.ofPieces(pieces));
                pages[region] = page;
                if (isFile() && !Entry.sameSignature(node, source.stat())) {
                    changed(worker.crew.counters);
                } else if (!racy) {
                    byte[] record = new Encoder().id(page).bytes();
                    worker.member.writer.record(key(worker.member, region), record);
                }
                open.decrementAndGet();
            } catch (IOException e) {
                throw Problems.failed(path + " at " + start, e);
            }
        };
    }

    /** A device has no times that change with its content. */
    private boolean isFile() {
        return node.type() == Node.Type.FILE;
    }

    private void changed(Counters counters) {
        synchronized (this) {
            if (changed) {
                return;
            }
            changed = true;
        }
        counters.warn(Kind.CHANGED, "read " + path + ": it changes while it is read; taken as it was found");
    }

    private byte[] key(Crew.Member by, int region) {
        return RecordKey.region(by.hasher, RecordKey.root(), NO_NAME, node, region);
    }

    private long length(int region) {
        return Math.min(Content.REGION, node.size() - region * Content.REGION);
    }
}
