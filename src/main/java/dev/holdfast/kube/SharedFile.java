package dev.holdfast.kube;

import java.io.Closeable;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The file that all processes of the node read their budget from, such as a mounted ConfigMap. Watched for as long as
 * this is open. A ConfigMap is changed by swapping a symbolic link next to the file, so the directory is watched, not
 * the file; and every 5 s it is looked at all the same, for file systems that do not tell.
 */
final class SharedFile implements Closeable {
    private static final Logger LOG = Logger.getLogger(SharedFile.class);
    private static final String QPS = "holdfast.kube.qps";
    private static final String BURST = "holdfast.kube.burst";
    private static final long LOOK_SECONDS = 5;
    private static final long SETTLE_MILLIS = 20;
    private static final int READS_MAX = 10;
    private static final int BYTES_MAX = 64 << 10;

    private final Path file;
    private final BudgetSettings settings;
    private final WatchService watch;
    private @Nullable String last;
    private boolean failed;

    private SharedFile(Path file, BudgetSettings settings, WatchService watch) {
        this.file = file;
        this.settings = settings;
        this.watch = watch;
    }

    /** Reads it once, so that it is in force when this returns, and again after each change. */
    static SharedFile follow(Path file, BudgetSettings settings) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        WatchService watch = file.getFileSystem().newWatchService();
        SharedFile followed = new SharedFile(file, settings, watch);
        if (directory != null && Files.isDirectory(directory)) {
            directory.register(
                    watch,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
        }
        followed.look();
        Thread.ofPlatform().daemon().name("kube-settings").start(followed::watch);
        return followed;
    }

    private void watch() {
        try {
            while (true) {
                WatchKey key = watch.poll(LOOK_SECONDS, TimeUnit.SECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
                look();
            }
        } catch (ClosedWatchServiceException _) {
            LOG.debug("shared file is no longer watched");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            String text = settled();
            if (failed || !text.equals(last)) {
                last = text;
                failed = false;
                settings.change(BudgetSource.SHARED_FILE, parse(text));
            }
        } catch (IOException | IllegalArgumentException e) {
            failed = true;
            settings.unreadable(BudgetSource.SHARED_FILE, file + ": " + e.getMessage());
        }
    }

    /** What was read twice the same: an editor may be just writing it. */
    private String settled() throws IOException {
        String text = read();
        for (int i = 0; i < READS_MAX && !text.equals(last); i++) {
            String before = text;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(SETTLE_MILLIS));
            text = read();
            if (text.equals(before)) {
                break;
            }
        }
        if (text.isBlank() && Files.exists(file)) {
            throw new IOException("is empty; remove it if other sources are to count");
        }
        String end = text.substring(text.lastIndexOf('\n') + 1);
        if (!end.isBlank() && (QPS.startsWith(end) || BURST.startsWith(end))) {
            throw new IOException("ends in the middle of a name, \"" + end + "\": it is still being written");
        }
        return text;
    }

    /** A missing file says nothing. */
    private String read() throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new IOException("longer than " + BYTES_MAX + " bytes");
            }
            return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
        } catch (NoSuchFileException _) {
            return "";
        }
    }

    static BudgetSettings.Layer parse(String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        return new BudgetSettings.Layer(number(properties, QPS), number(properties, BURST));
    }

    private static @Nullable Double number(Properties properties, String name) {
        String value = properties.getProperty(name);
        return value == null ? null : number(name, value);
    }

    /** A number as written in a file or the environment. */
    static double number(String name, String value) {
        try {
            return Double.parseDouble(value.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " is \"" + value.strip() + "\": not a number", e);
        }
    }

    @Override
    public void close() throws IOException {
        watch.close();
    }
}
