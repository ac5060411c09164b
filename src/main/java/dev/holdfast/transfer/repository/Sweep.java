package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Removes what sessions left that will not end any more: in two steps a day apart, so that no writer, however slow, is
 * between a look and a write.
 *
 * <pre>
 *   no snapshot, nothing new for 7 days    open-&lt;next&gt; is put and says "given up": attempts before it are fenced,
 *                                          attempts after it adopt nothing from before it
 *   a day after that                       packs from before it go, unless an index names them
 *   a snapshot, an unfinished pack of 7 days ago                    that pack goes: nothing can name it
 * </pre>
 *
 * A pack that no index names is known to its own session alone. The {@code open-*} stay: they keep epochs, and so
 * nonces, from being used twice. Everything may stop anywhere and be done again.
 */
final class Sweep {
    static final Duration SILENT = Duration.ofDays(7);
    static final Duration GIVEN_UP = Duration.ofDays(1);

    private final Repository repository;
    private final BlobStore store;
    private final Sessions sessions;

    Sweep(Repository repository) {
        this.repository = repository;
        this.store = repository.store();
        this.sessions = repository.sessions();
    }

    /** Returns how many packs it removed. Sessions that are worked on are not touched. */
    int run() throws TransferException {
        try {
            Instant now = store.now();
            List<String> doomed = new ArrayList<>();
            for (String session : sessions.all()) {
                look(session, now, doomed);
            }
            int removed = doomed.isEmpty() ? 0 : remove(doomed);
            store.removeLeftovers(now.minus(SILENT));
            return removed;
        } catch (IOException failed) {
            throw Trouble.of("sweep", store.location(), failed);
        }
    }

    /** One session that is damaged, or changes under our eyes, does not keep the others. */
    private void look(String session, Instant now, List<String> doomed) throws TransferException, IOException {
        try {
            if (repository.has(Sessions.snapshot(repository.keys().snapshotId(session)))) {
                discard(session, partial -> now.isAfter(partial.modified().plus(SILENT)));
            } else if (hasLeftovers(session)) {
                judge(session, now, doomed);
            }
        } catch (NoSuchFileException gone) {
            // Somebody works on it.
        } catch (TransferException damaged) {
            Trouble.requireDamage(damaged);
        }
    }

    private boolean hasLeftovers(String session) throws TransferException, IOException {
        String packs = Sessions.packs(session);
        return !store.list(packs).isEmpty() || !store.partials(packs).isEmpty();
    }

    private void judge(String session, Instant now, List<String> doomed) throws TransferException, IOException {
        long last = sessions.lastEpoch(session);
        long givenUp = sessions.givenUp(session);
        if (givenUp > 0
                && now.isAfter(store.modified(Sessions.open(session, givenUp)).plus(GIVEN_UP))) {
            collect(session, givenUp, doomed);
        }
        if (last > givenUp && now.isAfter(lastSign(session).plus(SILENT))) {
            sessions.giveUp(session, last + 1, sessions.sourceOf(session, last));
        }
    }

    private Instant lastSign(String session) throws TransferException, IOException {
        Instant newest = sessions.lastNote(session);
        for (String name : store.list(Sessions.packs(session))) {
            newest = later(newest, store.modified(name));
        }
        for (BlobStore.Partial partial : store.partials(Sessions.packs(session))) {
            newest = later(newest, partial.modified());
        }
        return newest;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /** Unfinished packs, which nothing can name, go at once; one with a living writer stays. */
    private void collect(String session, long givenUp, List<String> doomed) throws TransferException, IOException {
        discard(session, partial -> Sessions.epochOf(partial.name()) < givenUp);
        for (String pack : store.list(Sessions.packs(session))) {
            if (Sessions.isPack(pack) && Sessions.epochOf(pack) < givenUp) {
                doomed.add(pack);
            }
        }
    }

    private interface Doom {
        boolean of(BlobStore.Partial partial) throws IOException;
    }

    private void discard(String session, Doom doom) throws IOException {
        for (BlobStore.Partial partial : store.partials(Sessions.packs(session))) {
            if (Sessions.isPack(partial.name()) && doom.of(partial) && partial.takeOver()) {
                partial.discard();
            }
        }
    }

    /** One index that cannot be read might name any of them: then all stay. */
    private int remove(List<String> doomed) throws TransferException, IOException {
        Set<String> named = new HashSet<>();
        for (String index : repository.list(Catalog.INDEX)) {
            try {
                repository.catalog().read(index).forEach(item -> named.add(item.name));
            } catch (TransferException damaged) {
                Trouble.requireDamage(damaged);
                return 0;
            }
        }
        int removed = 0;
        for (String pack : doomed) {
            if (!named.contains(pack)) {
                Failpoint.hit("sweep-pack");
                store.delete(pack);
                removed++;
            }
        }
        return removed;
    }
}
