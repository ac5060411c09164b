package dev.holdfast.session;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session as bytes, format {@value #FORMAT}. The number of the format stands outside, so any release can read it.
 * Fields follow each other in the order of {@link Session}, later additions behind them; a state and what it holds
 * begin with a tag.
 *
 * <pre>
 *   text     length, UTF-8 (length -1: absent)       instant  seconds, nanos (Long.MIN_VALUE: absent)
 * </pre>
 */
final class StoredSession {
    static final int FORMAT = 1;
    private static final int TEXT_MAX = 64 * 1024;
    private static final int WARNINGS_MAX = 64;

    private StoredSession() {}

    static byte[] encode(Session session) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Writer out = new Writer(new DataOutputStream(bytes));
        try {
            out.text(session.id().value());
            out.request(session.request());
            out.state(session.state());
            out.attempt(session.current());
            out.text(session.token());
            out.progress(session.progress());
            out.totals(session.earlier());
            out.instant(session.created());
            out.instant(session.updated());
            out.instant(session.deadline());
            out.data.writeInt(session.history().size());
            for (Transition one : session.history()) {
                out.instant(one.at());
                out.text(one.from());
                out.text(one.event());
                out.text(one.to());
            }
            RecoveryOutcome recovered = session.recovered();
            out.text(recovered == null ? null : recovered.name());
            out.warnings(session.progress().warnings());
        } catch (IOException e) {
            throw new IllegalStateException("encode " + session, e);
        }
        return bytes.toByteArray();
    }

    /** @throws IOException if these bytes are not a session */
    static Session decode(byte[] bytes) throws IOException {
        Reader in = new Reader(new DataInputStream(new ByteArrayInputStream(bytes)));
        try {
            return in.session();
        } catch (RuntimeException e) {
            throw new IOException("not a session: " + e.getMessage(), e);
        }
    }

    private record Writer(DataOutputStream data) {
        void text(@Nullable String text) throws IOException {
            if (text == null) {
                data.writeInt(-1);
                return;
            }
            String kept = text.length() > TEXT_MAX / 4 ? text.substring(0, TEXT_MAX / 4) : text;
            byte[] utf8 = kept.getBytes(StandardCharsets.UTF_8);
            data.writeInt(utf8.length);
            data.write(utf8);
        }

        void instant(@Nullable Instant instant) throws IOException {
            data.writeLong(instant == null ? Long.MIN_VALUE : instant.getEpochSecond());
            data.writeInt(instant == null ? 0 : instant.getNano());
        }

        void request(SessionRequest request) throws IOException {
            switch (request) {
                case SessionRequest.Backup _ -> data.writeByte('B');
                case SessionRequest.Restore _ -> data.writeByte('R');
            }
            text(request.repository().toString());
            text(request.keyFile().toString());
            data.writeInt(request.workers());
            data.writeLong(request.bytesPerSecondMax());
            switch (request) {
                case SessionRequest.Backup backup -> {
                    text(backup.source().toString());
                    text(backup.sourceName());
                }
                case SessionRequest.Restore restore -> {
                    text(restore.snapshot());
                    text(restore.target().toString());
                }
            }
        }

        void state(SessionState state) throws IOException {
            switch (state) {
                case SessionState.Accepted _ -> data.writeByte('A');
                case SessionState.Prepared _ -> data.writeByte('P');
                case SessionState.Launching _ -> data.writeByte('L');
                case SessionState.Running running -> {
                    data.writeByte('R');
                    mover(running.mover());
                }
                case SessionState.Suspect suspect -> {
                    data.writeByte('S');
                    mover(suspect.mover());
                    failure(suspect.why());
                }
                case SessionState.Interrupted interrupted -> {
                    data.writeByte('I');
                    failure(interrupted.why());
                    instant(interrupted.retryAt());
                }
                case SessionState.Canceling canceling -> {
                    data.writeByte('C');
                    mover(canceling.mover());
                    failure(canceling.because());
                }
                case SessionState.Ended ended -> {
                    data.writeByte('E');
                    outcome(ended.outcome());
                }
            }
            instant(state.since());
        }

        void outcome(Outcome outcome) throws IOException {
            switch (outcome) {
                case Outcome.Completed completed -> {
                    data.writeByte('C');
                    text(completed.snapshot());
                }
                case Outcome.Failed failed -> {
                    data.writeByte('F');
                    failure(failed.failure());
                }
                case Outcome.Canceled _ -> data.writeByte('X');
            }
        }

        void failure(@Nullable Failure failure) throws IOException {
            text(failure == null ? null : failure.code());
            if (failure != null) {
                text(failure.message());
                data.writeBoolean(failure.retryable());
            }
        }

        void mover(@Nullable MoverHandle mover) throws IOException {
            text(mover == null ? null : mover.nonce());
            if (mover != null) {
                Path cgroup = mover.cgroup();
                data.writeInt(mover.generation());
                data.writeLong(mover.pid());
                data.writeLong(mover.startTicks());
                text(mover.bootId());
                text(cgroup == null ? null : cgroup.toString());
                text(mover.socket().toString());
            }
        }

        void attempt(Attempt attempt) throws IOException {
            data.writeInt(attempt.generation());
            text(attempt.nonce());
            data.writeInt(attempt.workers());
            data.writeInt(attempt.fruitless());
            text(attempt.start());
            data.writeLong(attempt.epoch());
        }

        void progress(Progress progress) throws IOException {
            instant(progress.at());
            data.writeLong(progress.filesDone());
            data.writeLong(progress.filesTotal());
            data.writeLong(progress.bytesDone());
            data.writeLong(progress.bytesTotal());
            data.writeLong(progress.bytesSent());
            data.writeLong(progress.bytesSentAgain());
            data.writeLong(progress.bytesReadAgain());
            data.writeLong(progress.lastBlock());
            text(progress.lastBlockId());
            data.writeLong(progress.warningCount());
        }

        void warnings(List<Warning> warnings) throws IOException {
            data.writeInt(warnings.size());
            for (Warning one : warnings) {
                text(one.kind());
                data.writeLong(one.count());
                text(one.example());
            }
        }

        void totals(Totals totals) throws IOException {
            data.writeLong(totals.bytesSent());
            data.writeLong(totals.bytesSentAgain());
            data.writeLong(totals.bytesReadAgain());
        }
    }

    private record Reader(DataInputStream data) {
        Session session() throws IOException {
            Session session = new Session(
                    new SessionId(need()),
                    request(),
                    state(),
                    new Attempt(data.readInt(), need(), data.readInt(), data.readInt(), text(), data.readLong()),
                    text(),
                    progress(),
                    new Totals(data.readLong(), data.readLong(), data.readLong()),
                    when(),
                    when(),
                    instant(),
                    history(),
                    recovered());
            return data.available() > 0 ? session.with(warnings()) : session;
        }

        List<Warning> warnings() throws IOException {
            int size = size(WARNINGS_MAX, "warnings");
            List<Warning> all = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                all.add(new Warning(need(), data.readLong(), need()));
            }
            return all;
        }

        /** Older releases stored their number alone. */
        List<Warning> counted() throws IOException {
            long count = data.readLong();
            return count == 0 ? List.of() : List.of(new Warning("other", count, "the mover's log says which"));
        }

        @Nullable
        String text() throws IOException {
            int length = data.readInt();
            if (length == -1) {
                return null;
            }
            if (length < 0 || length > TEXT_MAX) {
                throw new IOException("text of " + length + " bytes");
            }
            byte[] utf8 = data.readNBytes(length);
            if (utf8.length < length) {
                throw new IOException("ends within a text");
            }
            return new String(utf8, StandardCharsets.UTF_8);
        }

        String need() throws IOException {
            String text = text();
            if (text == null) {
                throw new IOException("a text is missing");
            }
            return text;
        }

        @Nullable
        Instant instant() throws IOException {
            long seconds = data.readLong();
            int nanos = data.readInt();
            return seconds == Long.MIN_VALUE ? null : Instant.ofEpochSecond(seconds, nanos);
        }

        Instant when() throws IOException {
            Instant instant = instant();
            if (instant == null) {
                throw new IOException("a time is missing");
            }
            return instant;
        }

        SessionRequest request() throws IOException {
            byte tag = data.readByte();
            Path repository = Path.of(need());
            Path keyFile = Path.of(need());
            int workers = data.readInt();
            long limit = data.readLong();
            return switch (tag) {
                case 'B' -> new SessionRequest.Backup(repository, keyFile, workers, limit, Path.of(need()), need());
                case 'R' -> new SessionRequest.Restore(repository, keyFile, workers, limit, need(), Path.of(need()));
                default -> throw new IOException("request " + tag);
            };
        }

        SessionState state() throws IOException {
            byte tag = data.readByte();
            return switch (tag) {
                case 'A' -> new SessionState.Accepted(when());
                case 'P' -> new SessionState.Prepared(when());
                case 'L' -> new SessionState.Launching(when());
                case 'R' -> new SessionState.Running(known(), when());
                case 'S' -> new SessionState.Suspect(known(), reason(), when());
                case 'I' -> new SessionState.Interrupted(reason(), when(), when());
                case 'C' -> new SessionState.Canceling(mover(), failure(), when());
                case 'E' -> new SessionState.Ended(outcome(), when());
                default -> throw new IOException("state " + tag);
            };
        }

        Outcome outcome() throws IOException {
            byte tag = data.readByte();
            return switch (tag) {
                case 'C' -> new Outcome.Completed(need());
                case 'F' -> new Outcome.Failed(reason());
                case 'X' -> new Outcome.Canceled();
                default -> throw new IOException("outcome " + tag);
            };
        }

        Failure reason() throws IOException {
            Failure failure = failure();
            if (failure == null) {
                throw new IOException("a failure is missing");
            }
            return failure;
        }

        @Nullable
        Failure failure() throws IOException {
            String code = text();
            return code == null ? null : new Failure(code, need(), data.readBoolean());
        }

        MoverHandle known() throws IOException {
            MoverHandle mover = mover();
            if (mover == null) {
                throw new IOException("a mover is missing");
            }
            return mover;
        }

        @Nullable
        MoverHandle mover() throws IOException {
            String nonce = text();
            if (nonce == null) {
                return null;
            }
            int generation = data.readInt();
            long pid = data.readLong();
            long ticks = data.readLong();
            String boot = need();
            String cgroup = text();
            return new MoverHandle(
                    generation, nonce, pid, ticks, boot, cgroup == null ? null : Path.of(cgroup), Path.of(need()));
        }

        Progress progress() throws IOException {
            return new Progress(
                    when(),
                    data.readLong(),
                    data.readLong(),
                    data.readLong(),
                    data.readLong(),
                    data.readLong(),
                    data.readLong(),
                    data.readLong(),
                    data.readLong(),
                    need(),
                    counted());
        }

        int size(int max, String what) throws IOException {
            int size = data.readInt();
            if (size < 0 || size > max) {
                throw new IOException(what + " of " + size);
            }
            return size;
        }

        List<Transition> history() throws IOException {
            int size = size(Session.HISTORY_MAX, "history");
            List<Transition> all = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                all.add(new Transition(when(), need(), need(), need()));
            }
            return all;
        }

        @Nullable
        RecoveryOutcome recovered() throws IOException {
            String name = text();
            return name == null ? null : RecoveryOutcome.valueOf(name);
        }
    }
}
