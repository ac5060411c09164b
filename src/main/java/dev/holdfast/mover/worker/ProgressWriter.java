package dev.holdfast.mover.worker;

import dev.holdfast.mover.protocol.ProgressFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Echoes the status to the progress file, at most once a second, and keeps an eye on the orphan limit. */
final class ProgressWriter {
    private final Path directory;
    private final int generation;
    private final Report report;
    private final Agents agents;
    private final MoverLog log;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().daemon().name("progress").unstarted(this::run);
    private long written;
    private boolean failing;

    ProgressWriter(Path directory, int generation, Report report, Agents agents, MoverLog log) {
        this.directory = directory;
        this.generation = generation;
        this.report = report;
        this.agents = agents;
        this.log = log;
    }

    void start() {
        thread.start();
    }

    /** Writes the last status. */
    void end() {
        ending.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        write();
    }

    private void run() {
        try {
            while (!ending.await(1, TimeUnit.SECONDS)) {
                agents.checkOrphanLimit();
                write();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        long version = report.version();
        if (version == written) {
            return;
        }
        try {
            new ProgressFile(generation, report.status()).write(directory);
            written = version;
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                log.line("progress cannot be written; the transfer goes on", e);
            }
            failing = true;
        }
    }
}
