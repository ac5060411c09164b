package dev.holdfast.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The last seconds of an agent: every mover makes its state durable, all at the same time, within one deadline. */
final class GraceWindow {
    private enum Answer {
        DURABLE,
        SILENT,
        UNSAVED,
        /** There is no mover, after all. */
        NONE
    }

    private final Sessions sessions;
    private final SessionWork work;
    private final MoverPolicy policy;
    private final long begun = System.nanoTime();
    private final long end;

    GraceWindow(Sessions sessions, SessionWork work, Duration grace, MoverPolicy policy) {
        this.sessions = sessions;
        this.work = work;
        this.policy = policy;
        this.end = begun + grace.toNanos();
    }

    ShutdownReport run(List<Lane> lanes) {
        Map<SessionId, CompletableFuture<Answer>> answers = new LinkedHashMap<>();
        for (Lane lane : lanes) {
            if (mayHaveMover(lane.session.state())) {
                CompletableFuture<Answer> answer = new CompletableFuture<>();
                answers.put(lane.session.id(), answer);
                sessions.post(lane, () -> ask(lane, answer));
            }
        }
        int durable = 0;
        List<SessionId> unanswered = new ArrayList<>();
        List<SessionId> unsaved = new ArrayList<>();
        for (Map.Entry<SessionId, CompletableFuture<Answer>> one : answers.entrySet()) {
            switch (await(one.getValue())) {
                case DURABLE -> durable++;
                case SILENT -> unanswered.add(one.getKey());
                case UNSAVED -> unsaved.add(one.getKey());
                case NONE -> {}
            }
        }
        return new ShutdownReport(Duration.ofNanos(System.nanoTime() - begun), durable, unanswered, unsaved);
    }

    /** A launch may be under way: it is over when the lane's turn comes. */
    private static boolean mayHaveMover(SessionState state) {
        return switch (state) {
            case SessionState.Launching _, SessionState.Running _, SessionState.Suspect _, SessionState.Canceling _ ->
                true;
            case SessionState.Accepted _, SessionState.Prepared _, SessionState.Interrupted _, SessionState.Ended _ ->
                false;
        };
    }

    private void ask(Lane lane, CompletableFuture<Answer> answer) {
        try {
            if (lane.session.mover().isEmpty()) {
                answer.complete(Answer.NONE);
                return;
            }
            boolean durable = work.checkpoint(lane, policy == MoverPolicy.STOP, remaining());
            if (!durable && policy == MoverPolicy.STOP && !remaining().isZero()) {
                work.stop(lane, remaining());
            }
            answer.complete(durable ? Answer.DURABLE : Answer.SILENT);
        } catch (SessionStoreException _) {
            sessions.log().troubled(lane.session, "STORE");
            answer.complete(Answer.UNSAVED);
        } finally {
            answer.complete(Answer.SILENT);
        }
    }

    private Answer await(CompletableFuture<Answer> answer) {
        try {
            return answer.get(remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Answer.SILENT;
        } catch (ExecutionException | TimeoutException _) {
            return Answer.SILENT;
        }
    }

    private Duration remaining() {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }
}
