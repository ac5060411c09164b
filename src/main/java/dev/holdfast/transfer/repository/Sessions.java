package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Names and small objects of writing sessions. Thread-safe. */
final class Sessions {
    private static final Pattern ID = Pattern.compile("[a-z0-9-]{1,48}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final Pattern PACK = Pattern.compile("packs/[^/]+/[0-9]{1,18}-[0-9]{1,18}");
    private static final String OPEN = "open-";
    private static final String CHECKPOINT = "c-";
    private static final String GIVEN_UP = "given-up";

    private final BlobStore store;
    private final SealedObjects objects;

    Sessions(BlobStore store, SealedObjects objects) {
        this.store = store;
        this.objects = objects;
    }

    static String require(String session) {
        if (!ID.matcher(session).matches()) {
            throw new IllegalArgumentException("no session id: '" + session + "'; 1 to 48 of a-z, 0-9 and hyphen");
        }
        return session;
    }

    static String open(String session, long epoch) {
        return folder(session) + OPEN + epoch;
    }

    static String checkpoint(String session, long number) {
        return folder(session) + CHECKPOINT + number;
    }

    static String packs(String session) {
        return "packs/" + session + "/";
    }

    static String snapshot(String id) {
        return "snapshots/" + id;
    }

    /** Which kind of sealed object a name below {@code sessions/} is. */
    static byte kindOf(String name) {
        String word = name.substring(name.lastIndexOf('/') + 1);
        if (word.startsWith(OPEN)) {
            return SealedObjects.OPEN;
        }
        return word.startsWith(CHECKPOINT) ? SealedObjects.CHECKPOINT : SealedObjects.CLOSED;
    }

    static String folder(String session) {
        return "sessions/" + session + "/";
    }

    private static String closedName(String session) {
        return folder(session) + "closed";
    }

    /** Epoch of the newest attempt, 0 when there was none. */
    long lastEpoch(String session) throws TransferException {
        List<Long> epochs = numbers(session, OPEN);
        return epochs.isEmpty() ? 0 : epochs.getLast();
    }

    long lastCheckpoint(String session) throws TransferException {
        List<Long> checkpoints = checkpoints(session);
        return checkpoints.isEmpty() ? 0 : checkpoints.getLast();
    }

    /** When its newest object was put, by the store's clock; packs not counted. */
    Instant lastNote(String session) throws IOException {
        Instant newest = Instant.EPOCH;
        for (String name : store.list(folder(session))) {
            Instant modified = store.modified(name);
            newest = modified.isAfter(newest) ? modified : newest;
        }
        return newest;
    }

    /** Ascending. */
    List<Long> checkpoints(String session) throws TransferException {
        return numbers(session, CHECKPOINT);
    }

    private List<Long> numbers(String session, String prefix) throws TransferException {
        List<Long> numbers = new ArrayList<>();
        try {
            for (String name : store.list(folder(session))) {
                String word = name.substring(folder(session).length());
                if (word.startsWith(prefix)) {
                    String number = word.substring(prefix.length());
                    if (NUMBER.matcher(number).matches()) {
                        numbers.add(Long.parseLong(number));
                    }
                }
            }
        } catch (IOException failed) {
            throw Trouble.of("list", store.locationOf(folder(session)), failed);
        }
        numbers.sort(null);
        return numbers;
    }

    /** Takes the next epoch; from here on every older attempt is fenced. */
    long openNext(String session, String source) throws TransferException {
        long epoch = lastEpoch(session) + 1;
        byte[] content = new Encoder(64).text(source).toBytes();
        while (!objects.put(SealedObjects.OPEN, open(session, epoch), content)) {
            epoch++;
        }
        return epoch;
    }

    /** Ends a session that nobody has worked on for long, if {@code epoch} is still free; see {@link Sweep}. */
    boolean giveUp(String session, long epoch, String source) throws TransferException {
        byte[] content = new Encoder(64).text(source).text(GIVEN_UP).toBytes();
        return objects.put(SealedObjects.OPEN, open(session, epoch), content);
    }

    /** The newest epoch with which the session was given up, 0 if never: nothing before it counts any more. */
    long givenUp(String session) throws TransferException {
        List<Long> epochs = numbers(session, OPEN);
        for (long epoch : epochs.reversed()) {
            if (isGivenUp(session, epoch)) {
                return epoch;
            }
        }
        return 0;
    }

    private boolean isGivenUp(String session, long epoch) throws TransferException {
        try {
            ByteBuffer from = Encoder.decoder(objects.get(SealedObjects.OPEN, open(session, epoch)));
            Encoder.text(from);
            return from.hasRemaining() && Encoder.text(from).equals(GIVEN_UP);
        } catch (BufferUnderflowException nonsense) {
            throw Trouble.damaged(store.locationOf(open(session, epoch)), "it makes no sense", nonsense);
        }
    }

    /** All sessions that ever began. */
    Set<String> all() throws TransferException {
        Set<String> ids = new TreeSet<>();
        try {
            for (String name : store.list("sessions/")) {
                ids.add(name.split("/", -1)[1]);
            }
        } catch (IOException failed) {
            throw Trouble.of("list", store.locationOf("sessions/"), failed);
        }
        return ids;
    }

    /** Whether a name is that of a pack; anything may lie in a folder. */
    static boolean isPack(String name) {
        return PACK.matcher(name).matches();
    }

    /** The epoch in the name of a pack. */
    static long epochOf(String pack) {
        String word = pack.substring(pack.lastIndexOf('/') + 1);
        return Long.parseLong(word.substring(0, word.indexOf('-')));
    }

    /** The number of a pack within its epoch. */
    static long sequenceOf(String pack) {
        return Long.parseLong(pack.substring(pack.lastIndexOf('-') + 1));
    }

    /** The source that an attempt was for. */
    String sourceOf(String session, long epoch) throws TransferException {
        String name = open(session, epoch);
        try {
            return Encoder.text(Encoder.decoder(objects.get(SealedObjects.OPEN, name)));
        } catch (BufferUnderflowException nonsense) {
            throw Trouble.damaged(store.locationOf(name), "it makes no sense", nonsense);
        }
    }

    /** How a session ended: one of the two is empty. */
    record Closed(String snapshotId, String outcome) {}

    /** Null when it has not ended. */
    @Nullable
    Closed closed(String session) throws TransferException {
        String name = closedName(session);
        try {
            if (!store.exists(name)) {
                return null;
            }
            store.confirm(name);
            ByteBuffer from = Encoder.decoder(objects.get(SealedObjects.CLOSED, name));
            return new Closed(Encoder.text(from), Encoder.text(from));
        } catch (BufferUnderflowException nonsense) {
            throw Trouble.damaged(store.locationOf(name), "it makes no sense", nonsense);
        } catch (IOException failed) {
            throw Trouble.of("look up", store.locationOf(name), failed);
        }
    }

    void close(String session, String snapshotId, String outcome) throws TransferException {
        byte[] content = new Encoder(64).text(snapshotId).text(outcome).toBytes();
        objects.put(SealedObjects.CLOSED, closedName(session), content);
    }
}
