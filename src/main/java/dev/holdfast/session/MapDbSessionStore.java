package dev.holdfast.session;

import dev.holdfast.linux.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/**
 * One MapDB file for each session, always replaced and never updated, by one platform thread that is never interrupted
 * (an interrupt would close the file under MapDB). What that protects from is in {@link SessionFile}.
 */
public final class MapDbSessionStore implements SessionStore {
    private final Path directory;
    private final ExecutorService writer = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("holdfast-session-store").daemon().factory());

    /** Names of files that must stay as they are. Only touched by the writer. */
    private final Set<String> untouchable = new HashSet<>();

    /** @param directory made (0700) if it is missing */
    public MapDbSessionStore(Path directory) {
        this.directory = directory;
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (IOException e) {
            throw new SessionStoreException(
                    "make " + directory + ": " + Reason.of(e) + "; is it writable for this user?", e);
        }
    }

    @Override
    public Loaded loadAll() {
        return onWriter("read " + directory, this::load);
    }

    @Override
    public void put(Session session) {
        put(session, StoredSession.FORMAT);
    }

    /** For tests of files that a newer release wrote. */
    void put(Session session, int format) {
        byte[] content = StoredSession.encode(session);
        onWriter("write session " + session.id(), () -> {
            if (untouchable.contains(session.id().value())) {
                throw new SessionRefused(
                        "session " + session.id() + ": there is a file of this id, of a newer release or unreadable,"
                                + " and it stays as it is; take another id",
                        true);
            }
            SessionFile.replace(directory, session.id(), format, content);
            return true;
        });
    }

    @Override
    public void probe() {
        onWriter("write to " + directory, () -> {
            SessionFile.probe(directory);
            return true;
        });
    }

    @Override
    public void remove(SessionId id) {
        onWriter("remove session " + id, () -> {
            Files.deleteIfExists(directory.resolve(id + SessionFile.SUFFIX));
            SessionFile.sync(directory, StandardOpenOption.READ);
            return true;
        });
    }

    /** Finishes what was begun. */
    @Override
    public void close() {
        writer.close();
    }

    private Loaded load() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path file : all) {
                String name = file.getFileName().toString();
                if (name.endsWith(SessionFile.TEMPORARY)) {
                    Files.deleteIfExists(file); // Never renamed, so never acknowledged.
                } else if (name.endsWith(SessionFile.SUFFIX)) {
                    files.add(file);
                }
            }
        }
        List<Session> sessions = new ArrayList<>();
        List<Quarantined> quarantined = new ArrayList<>();
        for (Path file : files) {
            String name = file.getFileName().toString();
            String id = name.substring(0, name.length() - SessionFile.SUFFIX.length());
            try {
                Session session = SessionFile.read(file);
                if (!session.id().value().equals(id)) {
                    throw new SessionFile.Damaged("holds session " + session.id());
                }
                sessions.add(session);
            } catch (SessionFile.NewerFormat e) {
                untouchable.add(id);
                quarantined.add(new Quarantined(id, file, String.valueOf(e.getMessage()), true));
            } catch (SessionFile.Damaged e) {
                quarantined.add(setAside(id, file, e));
            } catch (IOException e) {
                untouchable.add(id);
                String why = "could not be read: " + Reason.of(e) + "; restart the agent";
                quarantined.add(new Quarantined(id, file, why, false));
            }
        }
        return new Loaded(sessions, quarantined);
    }

    private Quarantined setAside(String id, Path file, IOException why) {
        Path aside = directory.resolve(id + SessionFile.CORRUPT);
        String text = why.getMessage() + "; the transfer can be submitted again, what it sent already is found again";
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            SessionFile.sync(directory, StandardOpenOption.READ);
            return new Quarantined(id, aside, text, false);
        } catch (IOException e) {
            untouchable.add(id);
            return new Quarantined(id, file, text + " (could not be moved aside: " + Reason.of(e) + ")", false);
        }
    }

    private <T> T onWriter(String what, Callable<T> work) {
        Future<T> done;
        try {
            done = writer.submit(work);
        } catch (RejectedExecutionException _) {
            throw new SessionsClosed("the session files are closed");
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return done.get();
                } catch (InterruptedException _) {
                    interrupted = true; // The write goes on; whether it succeeded must be known.
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof SessionRefused refused) {
                        throw refused;
                    }
                    Throwable cause = e.getCause() == null ? e : e.getCause();
                    String why = cause instanceof IOException io ? Reason.of(io) : String.valueOf(cause.getMessage());
                    throw new SessionStoreException(what + ": " + why, cause);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
