package dev.holdfast.kube;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

/**
 * Event loops of this package's own. Quarkus' would make a metric of every address that is asked for: without end, and
 * with the secrets of the local gate in them.
 */
final class Loops {
    private Loops() {}

    static Vertx make(int threads) {
        // As Quarkus does: names are looked up by the system, search domains and hosts file included.
        System.setProperty("vertx.disableDnsResolver", "true");
        return Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(threads)
                .setWorkerPoolSize(threads)
                .setInternalBlockingPoolSize(threads)
                .setUseDaemonThread(true)
                // Vert.x' own name for it, which only its launcher reads. Tests look for blocked loops more often.
                .setBlockedThreadCheckInterval(Long.getLong(
                        "vertx.options.blockedThreadCheckInterval", VertxOptions.DEFAULT_BLOCKED_THREAD_CHECK_INTERVAL))
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
    }
}
