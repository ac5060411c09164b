package dev.holdfast.agent;

import dev.holdfast.backup.ArchiveStore;
import dev.holdfast.backup.BackupException;
import dev.holdfast.backup.BackupOrder;
import dev.holdfast.backup.BackupTarget;
import dev.holdfast.session.Outcome;
import dev.holdfast.session.Session;
import dev.holdfast.session.SessionConflict;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRequest;
import dev.holdfast.session.SessionStoreException;
import dev.holdfast.session.Sessions;
import dev.holdfast.session.SessionsClosed;
import java.nio.file.Path;
import java.util.Optional;

/** Moves archives with sessions of this agent: they survive it, as every transfer does. */
final class SessionArchiveStore implements ArchiveStore {
    private static final long POLL_MILLIS = 200;

    private final Sessions sessions;

    SessionArchiveStore(Sessions sessions) {
        this.sessions = sessions;
    }

    @Override
    public String start(String id, Path folder, BackupOrder order, BackupTarget.InRepository target)
            throws BackupException {
        SessionRequest request = new SessionRequest.Backup(
                target.repository(), target.keyFile(), 0, 0, folder, "objects/" + order.name());
        try {
            return sessions.submit(new SessionId(id), request).id().value();
        } catch (SessionsClosed | SessionConflict | SessionStoreException e) {
            throw failed("start a session: " + e.getMessage());
        }
    }

    @Override
    public void await(String session) throws BackupException, InterruptedException {
        while (true) {
            Optional<Session> found = sessions.find(new SessionId(session));
            if (found.isEmpty()) {
                throw failed("session " + session + " was removed before its end");
            }
            switch (found.get().outcome().orElse(null)) {
                case null -> Thread.sleep(POLL_MILLIS);
                case Outcome.Completed _ -> {
                    return;
                }
                case Outcome.Failed failed -> throw failed(failed.failure().message());
                case Outcome.Canceled _ ->
                    throw new BackupException(BackupException.Code.CANCELED, "canceled; no snapshot was left", null);
            }
        }
    }

    @Override
    public void cancel(String session) {
        sessions.cancel(new SessionId(session));
    }

    @Override
    public boolean busy(String session) {
        try {
            return sessions.find(new SessionId(session))
                    .filter(found -> found.outcome().isEmpty())
                    .isPresent();
        } catch (IllegalArgumentException e) {
            return false; // Not a name of ours.
        }
    }

    private static BackupException failed(String why) {
        return new BackupException(
                BackupException.Code.REPOSITORY, "move the archive into the repository: " + why, null);
    }
}
