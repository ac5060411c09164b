package dev.holdfast.mover.worker;

import dev.holdfast.mover.protocol.Bootstrap;
import dev.holdfast.mover.protocol.HandleFile;
import dev.holdfast.mover.protocol.Plan;
import dev.holdfast.mover.protocol.ProcessCalls;
import dev.holdfast.mover.protocol.ProcessTable;
import dev.holdfast.mover.protocol.ResultFile;
import dev.holdfast.mover.protocol.Status;
import dev.holdfast.transfer.TransferControl;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferPlan;
import dev.holdfast.transfer.TransferResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * One mover from start to exit code. Order matters: out of the agent's cgroup, then the handle, then the socket, and
 * only then the first look at source and repository. So whoever finds a transfer running also finds who runs it.
 */
final class Worker {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int CANCELED = 3;

    private final Path directory;
    private final TransferRunner transfer;
    private final MoverLog log;
    private volatile int generation;

    Worker(Path directory, TransferRunner transfer) {
        this.directory = directory;
        this.transfer = transfer;
        this.log = new MoverLog(directory, MoverLog.BYTES_MAX);
    }

    /** Runs to the end and returns the exit code. */
    int run() {
        System.setOut(log.asStream());
        System.setErr(log.asStream());
        // Where zstd unpacks its library, for a moment: the usual place may be read-only, or go with a container.
        System.setProperty("ZstdTempFolder", directory.toString());
        Thread.setDefaultUncaughtExceptionHandler((thread, trouble) -> {
            haltIfOutOfMemory(trouble);
            log.line("thread " + thread.getName() + " died", trouble);
        });
        try {
            Bootstrap bootstrap = Bootstrap.read(directory.resolve("bootstrap.json"));
            generation = bootstrap.generation();
            return run(bootstrap);
        } catch (IOException | RuntimeException e) {
            log.line("mover ends without a result", e);
            return FAILED;
        }
    }

    private int run(Bootstrap bootstrap) throws IOException {
        ProcessCalls calls = ProcessCalls.system();
        Surroundings.Place place = new Surroundings(calls, log).leave(bootstrap.cgroup());
        TransferControl control = new TransferControl();
        Report report = new Report(log, control::bytesPerSecondMax, place.own());
        Agents agents = new Agents(control, bootstrap.orphanLimit(), log);
        agents.takeSignals();
        if (!claim(bootstrap, place)) {
            log.line("generation " + bootstrap.generation() + " was given up: nothing to do");
            return DONE;
        }
        ProgressWriter progress = new ProgressWriter(directory, bootstrap.generation(), report, agents, log);
        ControlServer server = new ControlServer(bootstrap, control, report, agents, log);
        server.start();
        progress.start();
        log.line("mover of session " + bootstrap.session() + ", generation " + bootstrap.generation() + ", started");
        ResultFile result = transfer(bootstrap, control, report);
        progress.end();
        result.write(directory);
        log.line("mover ended: " + result.end());
        server.end();
        return switch (result.end()) {
            case "COMPLETED", "STOPPED" -> DONE;
            case "CANCELED" -> CANCELED;
            default -> FAILED;
        };
    }

    private boolean claim(Bootstrap bootstrap, Surroundings.Place place) throws IOException {
        ProcessTable table = new ProcessTable(Path.of("/proc"));
        long pid = ProcessHandle.current().pid();
        long startTicks = table.entry(pid)
                .orElseThrow(() -> new IOException("/proc says nothing about this process"))
                .startTicks();
        HandleFile handle = new HandleFile(
                bootstrap.generation(),
                bootstrap.nonce(),
                pid,
                startTicks,
                table.bootId(),
                place.cgroup(),
                place.own(),
                bootstrap.socket());
        if (!handle.claim(directory)) {
            return false;
        }
        Bootstrap now = Bootstrap.read(directory.resolve("bootstrap.json"));
        return now.generation() == bootstrap.generation() && now.nonce().equals(bootstrap.nonce());
    }

    private ResultFile transfer(Bootstrap bootstrap, TransferControl control, Report report) {
        try {
            TransferResult result = transfer.run(plan(bootstrap), control, report);
            report.progressed(result.progress());
            return switch (result) {
                case TransferResult.Completed completed ->
                    new ResultFile(generation, "COMPLETED", completed.snapshotId(), null, report.status());
                case TransferResult.Stopped _ -> ended("STOPPED", report.status());
                case TransferResult.Canceled _ -> ended("CANCELED", report.status());
            };
        } catch (TransferException e) {
            haltIfOutOfMemory(e);
            log.line("transfer failed: " + e.code(), e);
            String message = Objects.requireNonNullElse(e.getMessage(), e.code().name());
            return failed(
                    new ResultFile.Trouble(e.code().name(), message, e.code().retryable()), report.status());
        } catch (InterruptedException | RuntimeException | Error e) {
            haltIfOutOfMemory(e);
            log.line("transfer ended unexpectedly", e);
            return failed(
                    new ResultFile.Trouble(
                            TransferException.Code.INTERNAL.name(),
                            "the mover has a bug, its log says more: " + e,
                            false),
                    report.status());
        }
    }

    private ResultFile ended(String end, Status status) {
        return new ResultFile(generation, end, null, null, status);
    }

    private ResultFile failed(ResultFile.Trouble trouble, Status status) {
        return new ResultFile(generation, "FAILED", null, trouble, status);
    }

    /** Out of memory is a crash: no result, only a mark so that the next attempt takes less. */
    private void haltIfOutOfMemory(Throwable trouble) {
        for (Throwable cause = trouble; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError) {
                try {
                    Files.createFile(directory.resolve("oom." + generation));
                } catch (IOException e) {
                    Runtime.getRuntime().halt(FAILED);
                }
                Runtime.getRuntime().halt(FAILED);
            }
        }
    }

    private TransferPlan plan(Bootstrap bootstrap) {
        return switch (bootstrap.plan()) {
            case Plan.Backup backup ->
                new TransferPlan.Backup(
                        backup.repository(),
                        backup.keyFile(),
                        directory,
                        bootstrap.session(),
                        bootstrap.token(),
                        backup.workers(),
                        backup.bytesPerSecondMax(),
                        backup.source(),
                        backup.sourceName());
            case Plan.Restore restore ->
                new TransferPlan.Restore(
                        restore.repository(),
                        restore.keyFile(),
                        directory,
                        bootstrap.session(),
                        bootstrap.token(),
                        restore.workers(),
                        restore.bytesPerSecondMax(),
                        restore.snapshot(),
                        restore.target());
        };
    }
}
