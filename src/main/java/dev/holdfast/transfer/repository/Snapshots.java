package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The committed snapshots. Thread-safe. */
final class Snapshots {
    private static final String SNAPSHOTS = "snapshots/";
    private static final String LATEST = "latest";
    private static final String LATEST_OF = LATEST + ":";

    private final BlobStore store;
    private final SealedObjects objects;

    Snapshots(BlobStore store, SealedObjects objects) {
        this.store = store;
        this.objects = objects;
    }

    /** All readable ones, oldest first; what is wrong with the others is added to {@code damage}. */
    List<Snapshot> all(List<TransferException> damage) throws TransferException {
        List<Snapshot> snapshots = new ArrayList<>();
        for (String name : names()) {
            try {
                snapshots.add(read(name));
            } catch (TransferException damaged) {
                damage.add(Trouble.requireOfObject(store, damaged));
            }
        }
        snapshots.sort(Comparator.comparing(Snapshot::finished).thenComparing(Snapshot::id));
        return snapshots;
    }

    Snapshot read(String name) throws TransferException {
        byte[] plain = objects.get(SealedObjects.SNAPSHOT, name);
        try {
            return SnapshotCodec.decode(plain);
        } catch (BufferUnderflowException | IllegalArgumentException nonsense) {
            throw Trouble.damaged(store.locationOf(name), "it makes no sense", nonsense);
        }
    }

    /** As {@link Repository#snapshot}. */
    Snapshot find(String which, String within) throws TransferException {
        if (which.equals(LATEST) || which.startsWith(LATEST_OF)) {
            return latest(which, within);
        }
        List<String> matches = names().stream()
                .filter(name -> !which.isEmpty() && name.startsWith(SNAPSHOTS + which))
                .toList();
        if (matches.size() != 1) {
            throw missing((matches.isEmpty() ? "no snapshot has" : matches.size() + " snapshots have")
                    + " an id that starts with '" + which + "'");
        }
        Snapshot found = read(matches.getFirst());
        if (!found.source().startsWith(within)) {
            throw missing("snapshot " + found.id() + " is of " + found.source() + ", not of " + within + "*");
        }
        return found;
    }

    private Snapshot latest(String which, String within) throws TransferException {
        List<TransferException> damage = new ArrayList<>();
        List<Snapshot> all = all(damage);
        if (!damage.isEmpty()) {
            throw damage.getFirst(); // The damaged one may be the latest: an older one must not pass for it.
        }
        all.removeIf(snapshot -> !snapshot.source().startsWith(within)
                || (!which.equals(LATEST) && !which.equals(LATEST_OF + snapshot.source())));
        if (all.isEmpty()) {
            String of = which.equals(LATEST) ? within : which.substring(LATEST_OF.length());
            throw missing("there is no snapshot" + (of.isEmpty() ? "" : " of " + of));
        }
        List<String> sources = all.stream().map(Snapshot::source).distinct().toList();
        if (sources.size() > 1) {
            throw missing("there are snapshots of " + sources.size() + " sources, such as " + sources.getFirst()
                    + " and " + sources.getLast() + "; say which with " + LATEST_OF + "<source>");
        }
        return all.getLast();
    }

    private TransferException missing(String why) {
        return new TransferException(
                Code.SNAPSHOT_MISSING,
                "find snapshot in " + store.location() + ": " + why + "; `holdfast snapshots` lists them");
    }

    private List<String> names() throws TransferException {
        try {
            return store.list(SNAPSHOTS);
        } catch (IOException failed) {
            throw Trouble.of("list", store.locationOf(SNAPSHOTS), failed);
        }
    }
}
