package dev.holdfast.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Watches one kind for changes, whatever they are: only metadata come over the wire, and nothing is kept. Where the
 * right to watch is missing it says so once and asks again every ten minutes.
 */
final class ChangeWatch implements Closeable {
    private static final Logger LOG = Logger.getLogger(ChangeWatch.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ONE = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private static final String LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    private static final Duration PAUSE_FIRST = Duration.ofSeconds(1);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);
    private static final Duration PAUSE_FORBIDDEN = Duration.ofMinutes(10);

    private final Server server;
    private final String path;
    private final Runnable changed;
    private final Consumer<Boolean> watching;
    private final Thread thread;
    private volatile @Nullable InputStream open;
    private volatile boolean closed;
    private String version = "";

    /** How to ask. */
    interface Server {
        InputStream open(String pathAndQuery, String accept) throws KubeException;
    }

    /**
     * Starts it.
     *
     * @param watching told whether changes will be heard of from now on
     */
    ChangeWatch(Server server, String path, Runnable changed, Consumer<Boolean> watching) {
        this.server = server;
        this.path = path;
        this.changed = changed;
        this.watching = watching;
        this.thread = Thread.ofVirtual().name("watch " + path).start(this::run);
    }

    private void run() {
        Duration pause = PAUSE_FIRST;
        boolean told = false;
        boolean missed = false; // At the start others ask at the same time.
        while (!closed) {
            try {
                if (version.isEmpty()) {
                    version = latest();
                    if (missed) {
                        changed.run(); // What happened while nobody watched is not told.
                    }
                    missed = true;
                }
                long from = System.nanoTime();
                watch();
                if (System.nanoTime() - from > PAUSE_FIRST.toNanos()) {
                    pause = PAUSE_FIRST;
                    continue; // The server ends a watch after some minutes.
                }
            } catch (KubeException e) {
                version = "";
                boolean forbidden =
                        e.code() == KubeException.Code.FORBIDDEN || e.code() == KubeException.Code.NOT_FOUND;
                if (forbidden && !told) {
                    told = true;
                    LOG.infof(
                            "changes of %s cannot be watched, discovery notices them later: %s", path, e.getMessage());
                }
                pause = forbidden ? PAUSE_FORBIDDEN : longer(pause);
            } catch (IOException e) {
                LOG.debugf("watch of %s ended: %s", path, e.getMessage());
                pause = longer(pause);
            } catch (RuntimeException e) {
                if (closed) {
                    return; // What it asks with has ended with it.
                }
                LOG.errorf(e, "watch of %s", path);
                version = "";
                pause = longer(pause);
            }
            missed = true;
            watching.accept(false);
            try {
                TimeUnit.MILLISECONDS.sleep(
                        pause.toMillis() + ThreadLocalRandom.current().nextLong(500));
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : twice;
    }

    private String latest() throws KubeException, IOException {
        try (InputStream in = server.open(path + "?limit=1", LIST)) {
            return JSON.readTree(in).path("metadata").path("resourceVersion").asText("0");
        }
    }

    private void watch() throws KubeException, IOException {
        String address = path + "?watch=true&allowWatchBookmarks=true&timeoutSeconds="
                + (300 + ThreadLocalRandom.current().nextInt(60)) + "&resourceVersion=" + version;
        try (InputStream in = server.open(address, ONE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            open = in;
            watching.accept(true);
            String line = lines.readLine();
            while (line != null && !closed) {
                heard(JSON.readTree(line));
                line = lines.readLine();
            }
        } finally {
            open = null;
        }
    }

    private void heard(JsonNode event) throws KubeException {
        String type = event.path("type").asText();
        if (type.equals("ERROR")) {
            throw KubeException.answered(
                    event.path("object").path("code").asInt(410),
                    "watch " + path,
                    event.path("object").path("message").asText(""));
        }
        version = event.path("object").path("metadata").path("resourceVersion").asText(version);
        if (!type.equals("BOOKMARK")) {
            changed.run();
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        InputStream now = open;
        if (now != null) {
            try {
                now.close();
            } catch (IOException e) {
                LOG.debug("closing a watch", e);
            }
        }
    }
}
