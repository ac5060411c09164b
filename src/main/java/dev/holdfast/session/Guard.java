package dev.holdfast.session;

import java.util.function.UnaryOperator;

/** Keeps what goes wrong in the work for one session from all others. */
final class Guard {
    private final Sessions sessions;

    Guard(Sessions sessions) {
        this.sessions = sessions;
    }

    /** A bug gives the session up; a want of memory or threads may pass. What is returned throws nothing. */
    Runnable around(Lane lane, Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (SessionsClosed _) {
                sessions.log().leftOver(lane.session);
            } catch (SessionStoreException e) {
                sessions.log().notStored(lane.session, e);
            } catch (VirtualMachineError e) {
                sessions.log().bug(lane.session, e);
            } catch (Throwable e) {
                giveUp(lane, e);
            }
        };
    }

    private void giveUp(Lane lane, Throwable bug) {
        sessions.log().bug(lane.session, bug);
        try {
            Failure why = new Failure("INTERNAL", "a bug in the agent: " + bug + "; please report it", false);
            sessions.apply(lane, new SessionEvent.GivenUp(why), UnaryOperator.identity());
        } catch (Throwable again) {
            sessions.log().bug(lane.session, again);
        }
    }
}
