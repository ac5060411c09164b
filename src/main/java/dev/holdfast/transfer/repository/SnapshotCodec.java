package dev.holdfast.transfer.repository;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Snapshots as bytes. Decoding throws BufferUnderflowException or IllegalArgumentException on nonsense. */
final class SnapshotCodec {
    private SnapshotCodec() {}

    static byte[] encode(Snapshot snapshot) {
        Encoder to = new Encoder(512)
                .text(snapshot.id())
                .text(snapshot.source())
                .text(snapshot.host())
                .int8(snapshot.kind() == Snapshot.Kind.TREE ? 'T' : 'B');
        instant(to, snapshot.started());
        instant(to, snapshot.finished());
        to.int64(snapshot.files()).int64(snapshot.bytes()).int64(snapshot.stored());
        to.int32(snapshot.root().size());
        snapshot.root().forEach(to::id);
        to.int32(snapshot.warnings().size());
        new TreeMap<>(snapshot.warnings())
                .forEach((kind, count) -> to.text(kind).int64(count));
        return to.toBytes();
    }

    static Snapshot decode(byte[] bytes) {
        ByteBuffer from = Encoder.decoder(bytes);
        String id = Encoder.text(from);
        String source = Encoder.text(from);
        String host = Encoder.text(from);
        Snapshot.Kind kind = from.get() == 'T' ? Snapshot.Kind.TREE : Snapshot.Kind.BLOCK;
        Instant started = instant(from);
        Instant finished = instant(from);
        long files = from.getLong();
        long size = from.getLong();
        long stored = from.getLong();
        List<ChunkId> root = new ArrayList<>();
        for (int left = from.getInt(); left > 0; left--) {
            root.add(ChunkId.read(from));
        }
        Map<String, Long> warnings = new HashMap<>();
        for (int left = from.getInt(); left > 0; left--) {
            warnings.put(Encoder.text(from), from.getLong());
        }
        return new Snapshot(id, source, started, finished, kind, root, files, size, stored, warnings, host);
    }

    private static void instant(Encoder to, Instant instant) {
        to.int64(instant.getEpochSecond()).int32(instant.getNano());
    }

    private static Instant instant(ByteBuffer from) {
        return Instant.ofEpochSecond(from.getLong(), from.getInt());
    }
}
