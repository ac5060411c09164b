package dev.holdfast.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.cli.CliException;
import dev.holdfast.cli.ExitCode;
import dev.holdfast.cli.Figures;
import dev.holdfast.cli.Json;
import dev.holdfast.cli.ProgressView;
import dev.holdfast.cli.Terminal;
import dev.holdfast.transfer.repository.Repository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the demo does, in order. */
final class DemoStory {
    private static final int WORKERS = 2;
    private static final long CHUNK_MAX = 2L << 20;
    private static final Duration STEP_MAX = Duration.ofMinutes(5);

    private final DemoFolder work;
    private final DemoReport report;
    private final ProgressView view;
    private final int seconds;
    private int agents;
    private String trouble = "";
    private @Nullable DemoAgent agent;

    DemoStory(DemoFolder work, DemoReport report, Terminal terminal, int seconds) {
        this.work = work;
        this.report = report;
        this.view = ProgressView.of(terminal, false);
        this.seconds = seconds;
    }

    void tell(long bytesMin, long entriesMin) throws Exception {
        Path source = work.path().resolve("source");
        Path repository = work.path().resolve("repository");
        Path key = work.path().resolve("key");
        SourceTree.Size size = gather(source, bytesMin, entriesMin);
        Repository.init(repository, key).close();
        startAgent("agent started");
        sayCgroups(agent().client().agent());

        long limit = Math.max(1, size.bytes() / Math.max(1, seconds));
        ObjectNode request = Json.object()
                .put("kind", "backup")
                .put("repository", repository.toString())
                .put("keyFile", key.toString())
                .put("source", source.toString())
                .put("sourceName", "demo")
                .put("workers", WORKERS)
                .put("bytesPerSecondMax", limit);
        long begun = System.nanoTime();
        String id = Json.text(agent().client().submit(request), "id", "");
        report.row(
                "backup begun",
                Duration.ZERO,
                -1,
                -1,
                "held at " + Figures.bytes(limit) + "/s, so there is time to kill");
        killAgent(id, size, 15, false);
        killAgent(id, size, 35, true);
        killMover(id, size, 55);
        agent().client().limit(id, 0);
        JsonNode ended = awaitEnd(id, "backup");
        checkBackup(ended, size, Duration.ofNanos(System.nanoTime() - begun));

        Path target = work.path().resolve("restored");
        restore(request, Json.text(ended, "snapshot", "latest"), target);
        Duration left = agent().terminate();
        report.row("agent ended with SIGTERM", left, -1, -1, "left");
        compare(source, target);
    }

    private DemoAgent agent() {
        return java.util.Objects.requireNonNull(agent, "started first");
    }

    private SourceTree.Size gather(Path source, long bytesMin, long entriesMin) throws Exception {
        long begun = System.nanoTime();
        SourceTree tree = new SourceTree(source, bytesMin, entriesMin);
        SourceTree.Size size = tree.gather(soFar -> view.show(
                "copying a real tree", new ProgressView.Sample(soFar.entries(), -1, soFar.bytes(), -1, 0, 0)));
        view.close();
        report.row(
                "real tree copied from " + String.join(", ", tree.takenFrom()),
                since(begun),
                -1,
                -1,
                Figures.count(size.entries()) + " entries, " + Figures.bytes(size.bytes()));
        return size;
    }

    private void sayCgroups(JsonNode told) {
        JsonNode cgroups = told.path("cgroups");
        if (!cgroups.path("available").asBoolean(false)) {
            System.out.println("  no cgroups of their own for movers here ("
                    + Json.text(cgroups, "why", "not available") + "): they go on as plain processes");
        }
    }

    private void startAgent(String what) throws CliException, InterruptedException {
        agent = DemoAgent.start(work, ++agents);
        report.row(what, agent().ready(), -1, -1, "pid " + agent().pid() + ", ready");
    }

    private void killAgent(String id, SourceTree.Size size, int percent, boolean hard) throws Exception {
        JsonNode before = awaitShare(id, size, percent);
        long mover = DemoAgent.mover(before);
        String signal = hard ? "SIGKILL" : "SIGTERM";
        Duration left = hard ? agent().kill() : agent().terminate();
        boolean alive = ProcessHandle.of(mover).map(ProcessHandle::isAlive).orElse(false);
        report.row("agent ended with " + signal, left, -1, -1, "mover " + mover + (alive ? " goes on" : " is GONE"));
        report.check(alive, "the mover outlives an agent that got " + signal);
        startAgent("agent started again");
        long begun = System.nanoTime();
        JsonNode after = await(id, session -> DemoAgent.mover(session) > 0, "adopt its mover");
        JsonNode totals = after.path("totals");
        report.row(
                "mover reattached",
                since(begun),
                after.path("progress").path("bytesSent").asLong(),
                totals.path("bytesSentAgain").asLong(),
                "pid " + DemoAgent.mover(after) + ", recovery took "
                        + agent().client().recovery().path("millis").asLong() + " ms");
        report.check(
                "reattached".equalsIgnoreCase(Json.text(after, "recovery")),
                "after " + signal + " the new agent says that it reattached the session, it says "
                        + Json.text(after, "recovery"));
        report.check(DemoAgent.mover(after) == mover, "after " + signal + " the new agent has the same mover " + mover);
        report.check(totals.path("bytesSentAgain").asLong() == 0, "after " + signal + " nothing was sent again");
    }

    private void killMover(String id, SourceTree.Size size, int percent) throws Exception {
        JsonNode before = awaitShare(id, size, percent);
        long mover = DemoAgent.mover(before);
        long begun = System.nanoTime();
        ProcessHandle.of(mover).ifPresent(ProcessHandle::destroyForcibly);
        JsonNode after = await(
                id,
                session -> DemoAgent.mover(session) > 0
                        && DemoAgent.mover(session) != mover
                        && session.path("epoch").asLong() > before.path("epoch").asLong(),
                "resume in another process");
        report.row(
                "mover killed with SIGKILL, resumed by the agent",
                since(begun),
                -1,
                after.path("progress").path("bytesSentAgain").asLong(),
                "pid " + mover + " -> " + DemoAgent.mover(after) + ", " + Json.text(after, "start", "?"));
        report.check(DemoAgent.mover(after) != mover, "the killed mover was replaced");
        report.check(
                "RESUMED".equalsIgnoreCase(Json.text(after, "start")), "the new mover resumed, it did not restart");
    }

    private void checkBackup(JsonNode ended, SourceTree.Size size, Duration took) throws CliException {
        requireCompleted(ended, "backup");
        JsonNode progress = ended.path("progress");
        JsonNode totals = ended.path("totals");
        long again = totals.path("bytesSentAgain").asLong();
        report.row(
                "backup finished",
                took,
                totals.path("bytesSent").asLong(),
                again,
                "snapshot " + Json.text(ended, "snapshot", "?") + ", read again "
                        + Figures.bytes(totals.path("bytesReadAgain").asLong()));
        report.check(again <= WORKERS * CHUNK_MAX, "sent again at most one chunk (2 MiB) per worker, was " + again);
        report.check(
                progress.path("filesDone").asLong() >= size.entries() - 1,
                "all " + size.entries() + " entries were taken, it says "
                        + progress.path("filesDone").asLong());
        report.check(progress.path("warnings").asLong() == 0, "no warnings");
    }

    private void restore(ObjectNode backup, String snapshot, Path target) throws Exception {
        long begun = System.nanoTime();
        ObjectNode request = Json.object()
                .put("kind", "restore")
                .put("repository", Json.text(backup, "repository"))
                .put("keyFile", Json.text(backup, "keyFile"))
                .put("snapshot", snapshot)
                .put("target", target.toString());
        String id = Json.text(agent().client().submit(request), "id", "");
        JsonNode ended = awaitEnd(id, "restore");
        requireCompleted(ended, "restore");
        report.row(
                "restored",
                since(begun),
                ended.path("totals").path("bytesSent").asLong(),
                ended.path("totals").path("bytesSentAgain").asLong(),
                Figures.count(ended.path("progress").path("filesDone").asLong()) + " entries");
    }

    private void compare(Path source, Path target) throws Exception {
        long begun = System.nanoTime();
        TreeComparison comparison = new TreeComparison(source, target);
        comparison.run(
                done -> view.show("comparing", new ProgressView.Sample(done.entries(), -1, done.bytes(), -1, 0, 0)));
        view.close();
        report.row(
                "compared content, type, mode, owner, times, links",
                since(begun),
                -1,
                -1,
                comparison.differences().isEmpty()
                        ? Figures.count(comparison.done().entries()) + " entries equal"
                        : comparison.differences().size() + " DIFFERENCES");
        report.check(
                comparison.differences().isEmpty(),
                "restored tree equals the source: "
                        + comparison.differences().stream().limit(5).toList());
    }

    private static void requireCompleted(JsonNode session, String what) throws CliException {
        if (!"completed".equalsIgnoreCase(Json.text(session, "outcome"))) {
            throw new CliException(
                    ExitCode.FAILED,
                    what + " ended as " + Json.text(session, "outcome") + ": "
                            + Json.text(session.path("failure"), "message", "no reason given"));
        }
    }

    private JsonNode awaitShare(String id, SourceTree.Size size, int percent) throws Exception {
        long wanted = size.bytes() * percent / 100;
        return await(
                id,
                session ->
                        session.path("progress").path("bytesDone").asLong() >= wanted && DemoAgent.mover(session) > 0,
                "reach " + percent + " %");
    }

    private JsonNode awaitEnd(String id, String what) throws Exception {
        return await(id, session -> Json.text(session, "outcome") != null, "finish its " + what);
    }

    private JsonNode await(String id, Predicate<JsonNode> until, String what) throws Exception {
        long end = System.nanoTime() + STEP_MAX.toNanos();
        while (System.nanoTime() < end) {
            JsonNode session = agent().client().session(id);
            work.ownCgroup(Json.text(session.path("mover"), "cgroup"));
            sayTrouble(Json.text(session.path("failure"), "message", ""));
            view.show(Json.text(session, "kind", "session"), ProgressView.Sample.of(session.path("progress")));
            if (until.test(session)) {
                view.close();
                return session;
            }
            if (Json.text(session, "outcome") != null) {
                view.close();
                throw new CliException(
                        ExitCode.FAILED,
                        "session " + id + " ended (" + Json.text(session, "outcome") + ": "
                                + Json.text(session.path("failure"), "message", "-") + ") before it could " + what);
            }
            Thread.sleep(100);
        }
        throw new CliException(
                ExitCode.FAILED,
                "session " + id + " did not " + what + " within 5 minutes" + (trouble.isEmpty() ? "" : ": " + trouble));
    }

    private void sayTrouble(String message) {
        if (!message.isEmpty() && !message.equals(trouble)) {
            view.say("  " + message);
        }
        trouble = message;
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
