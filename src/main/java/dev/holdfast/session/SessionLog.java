package dev.holdfast.session;

import dev.holdfast.session.RecoveryReport.Recovered;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** Says what happened to sessions, in one place: a line of the log and a word to the observer for each event. */
final class SessionLog {
    private static final Logger LOG = System.getLogger(Sessions.class.getName());

    private final SessionObserver observer;

    SessionLog(SessionObserver observer) {
        this.observer = observer;
    }

    void accepted(Session session) {
        String kind =
                switch (session.request()) {
                    case SessionRequest.Backup _ -> "backup";
                    case SessionRequest.Restore _ -> "restore";
                };
        LOG.log(Level.INFO, "session accepted session={0} kind={1}", session.id(), kind);
        observer.submitted(session);
    }

    void changed(Session before, Session after, SessionEvent event) {
        LOG.log(
                Level.INFO,
                "session changed session={0} from={1} to={2} event={3} attempt={4} code={5}",
                after.id(),
                before.stateName(),
                after.stateName(),
                event.name(),
                after.generation(),
                after.failure().map(Failure::code).orElse("-"));
        observer.changed(before, after);
    }

    void began(Session session, String start) {
        LOG.log(
                Level.INFO,
                "attempt began session={0} attempt={1} start={2}",
                session.id(),
                session.generation(),
                start);
        observer.began(session, start);
    }

    void recovered(Recovered one) {
        Level level = one.outcome() == RecoveryOutcome.QUARANTINED ? Level.ERROR : Level.INFO;
        LOG.log(
                level,
                "session recovered session={0} outcome={1} pid={2} millis={3} note={4}",
                one.id(),
                one.outcome(),
                Long.toString(one.pid()),
                one.millis(),
                one.note());
        observer.recovered(one);
    }

    /** Only the first of a row is news. */
    void unknown(Session session, String why, boolean first) {
        LOG.log(
                first ? Level.WARNING : Level.DEBUG,
                "mover could not be looked at, tried again session={0} why={1}",
                session.id(),
                why);
    }

    void troubled(Session session, String code) {
        LOG.log(Level.WARNING, "session in trouble session={0} code={1}", session.id(), code);
        observer.troubled(code);
    }

    /** Only the first of a row is news: every session that moves would say the same. */
    void storeFailed(String why, boolean first) {
        LOG.log(
                first ? Level.ERROR : Level.DEBUG,
                "session files cannot be written, movers go on and no session is taken in why={0}",
                why);
        observer.troubled("STORE");
    }

    void storeWorks() {
        LOG.log(Level.INFO, "session files can be written again");
    }

    void notStored(Session session, SessionStoreException why) {
        LOG.log(Level.DEBUG, "session not stored, tried again session={0} why={1}", session.id(), why.getMessage());
    }

    /** Only the first of a row is news. */
    void leftBehind(Session session, String why, boolean first) {
        LOG.log(
                first ? Level.WARNING : Level.DEBUG,
                "left-overs of a mover cannot be removed, tried again session={0} why={1}",
                session.id(),
                why);
    }

    void bug(Session session, Throwable bug) {
        LOG.log(Level.ERROR, "bug in the work for session " + session.id(), bug);
        observer.troubled("INTERNAL");
    }

    void leftOver(Session session) {
        LOG.log(Level.DEBUG, "closed; left to the next agent session={0}", session.id());
    }

    /** A session file was written; {@code begunNanos} is when that began. */
    void written(long begunNanos) {
        observer.written(Duration.ofNanos(System.nanoTime() - begunNanos));
    }
}
