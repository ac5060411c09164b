package dev.holdfast.plugin;

import dev.holdfast.plugin.PluginException.Code;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One running plugin process, from handshake to end. Once a call ends with a lost process this object is of no more
 * use. Its end takes with it whatever it has forked.
 */
final class PluginProcess implements Closeable {
    private static final Set<String> ENVIRONMENT =
            Set.of("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "JAVA_HOME");
    private static final Duration SHUTDOWN_MAX = Duration.ofSeconds(2);
    private static final Duration DEATH_MAX = Duration.ofSeconds(5);
    /** Between a connection that broke and the process whose end broke it. */
    private static final Duration END_SHOWS_MAX = Duration.ofSeconds(1);

    private final String name;
    private final Process process;
    private final Offspring offspring;
    private final PluginLog log;
    private final Path socketDirectory;
    private final ManagedChannel channel;

    private PluginProcess(
            String name, Process process, Offspring offspring, PluginLog log, Path socketDirectory, Handshake hello) {
        this.name = name;
        this.process = process;
        this.offspring = offspring;
        this.log = log;
        this.socketDirectory = socketDirectory;
        // OkHttp insists on an internet address; the sockets go where the plugin said.
        this.channel = OkHttpChannelBuilder.forAddress("127.0.0.1", 1)
                .usePlaintext()
                .socketFactory(new UnixClientSockets(hello.socket()))
                .proxyDetector(_ -> null)
                .overrideAuthority("localhost")
                .maxInboundMessageSize(Method.MESSAGE_BYTES_MAX)
                .build();
    }

    /**
     * Starts a plugin and waits for its handshake.
     *
     * @param sockets where its socket may be
     * @param log takes the lines of its log; from a thread of its own
     */
    static PluginProcess start(PluginCommand command, Duration patience, PluginSockets sockets, Consumer<String> log)
            throws PluginException, InterruptedException {
        Path socketDirectory = null;
        Process process = null;
        Offspring offspring = Offspring.ofThisProcess();
        try {
            socketDirectory = sockets.make(log);
            process = builder(command, socketDirectory, offspring).start();
            PluginLog lines = new PluginLog(process.getErrorStream(), log, System::nanoTime);
            thread(command.name() + "-log", lines);
            Handshake hello = handshake(command, process, lines, patience);
            return new PluginProcess(command.name(), process, offspring, lines, socketDirectory, hello);
        } catch (IOException e) {
            undo(process, offspring, socketDirectory);
            throw new PluginException(
                    Code.NOT_STARTED,
                    "start plugin " + command.name() + " (" + command.argv().getFirst() + "): " + e.getMessage()
                            + "; is it executable on this machine?",
                    e);
        } catch (PluginException | InterruptedException | RuntimeException | Error e) {
            undo(process, offspring, socketDirectory);
            throw e;
        }
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Asks and waits for the answer. */
    byte[] call(MethodDescriptor<byte[], byte[]> method, byte[] request, Duration patience) throws PluginException {
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS);
        try {
            return ClientCalls.blockingUnaryCall(channel, method, options, request);
        } catch (StatusRuntimeException e) {
            throw failed(method.getFullMethodName(), patience, e);
        }
    }

    private PluginException failed(String method, Duration patience, StatusRuntimeException e) {
        String asked = "plugin " + name + ", " + method + ": ";
        Status status = e.getStatus();
        String said = PluginLog.printable(String.valueOf(status.getDescription()));
        return switch (status.getCode()) {
            case DEADLINE_EXCEEDED ->
                new PluginException(Code.HUNG, asked + "no answer within " + patience.toSeconds() + " s", e);
            case UNIMPLEMENTED -> new PluginException(Code.REFUSED, asked + "it does not serve this", e);
            case RESOURCE_EXHAUSTED -> new PluginException(Code.NONSENSE, asked + said, e);
            case UNAVAILABLE, CANCELLED, INTERNAL, UNKNOWN ->
                ended(status)
                        ? new PluginException(Code.CRASHED, asked + "its process ended" + exit(process) + words(log), e)
                        : new PluginException(broken(status) ? Code.CRASHED : Code.REFUSED, asked + said, e);
            default -> new PluginException(Code.REFUSED, asked + status.getCode() + ": " + said, e);
        };
    }

    /** The connection broke though the process lives: what comes next would not be better. */
    private static boolean broken(Status status) {
        return status.getCode() == Status.Code.UNAVAILABLE;
    }

    /** An error that the plugin itself has answered does not come from its end: nothing to wait for. */
    private boolean ended(Status status) {
        boolean answered = status.getCode() == Status.Code.UNKNOWN
                || (status.getCode() != Status.Code.UNAVAILABLE && status.getDescription() != null);
        if (answered) {
            return !process.isAlive();
        }
        try {
            return process.waitFor(END_SHOWS_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    /** Asks it to end, then ends it. */
    @Override
    public void close() {
        try {
            call(Method.SHUTDOWN, new byte[0], SHUTDOWN_MAX);
        } catch (PluginException e) {
            // It may be gone before it answers, which is what was asked for.
        }
        try {
            process.waitFor(SHUTDOWN_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
    }

    /** Ends it at once. */
    void kill() {
        channel.shutdownNow();
        undo(process, offspring, socketDirectory);
    }

    private static ProcessBuilder builder(PluginCommand command, Path socketDirectory, Offspring offspring) {
        ProcessBuilder builder = new ProcessBuilder(command.argv())
                .directory(command.directory().toFile())
                .redirectInput(Path.of("/dev/null").toFile());
        var environment = builder.environment();
        environment.keySet().retainAll(ENVIRONMENT);
        environment.putAll(command.environment());
        environment.put(Handshake.COOKIE, Handshake.COOKIE_VALUE);
        environment.put("PLUGIN_PROTOCOL_VERSIONS", "2");
        environment.put("PLUGIN_UNIX_SOCKET_DIR", socketDirectory.toString());
        offspring.mark(environment);
        return builder;
    }

    private static Handshake handshake(PluginCommand command, Process process, PluginLog log, Duration patience)
            throws PluginException, InterruptedException {
        CompletableFuture<String> line = new CompletableFuture<>();
        thread(command.name() + "-out", () -> readOut(process.getInputStream(), line));
        try {
            return Handshake.parse(line.get(patience.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            throw new PluginException(
                    Code.NOT_STARTED,
                    "start plugin " + command.name() + ": no handshake within " + patience.toSeconds() + " s"
                            + words(log),
                    e);
        } catch (ExecutionException e) {
            process.waitFor(END_SHOWS_MAX.toMillis(), TimeUnit.MILLISECONDS);
            throw new PluginException(
                    Code.NOT_STARTED,
                    "start plugin " + command.name() + ": it ended" + exit(process) + " without a handshake"
                            + words(log),
                    e);
        } catch (PluginException e) {
            throw new PluginException(e.code(), "start plugin " + command.name() + ": it " + e.getMessage(), e);
        }
    }

    /** Takes the first line, then reads on and forgets, so that the plugin never waits for us. */
    private static void readOut(InputStream in, CompletableFuture<String> line) {
        byte[] start = new byte[Handshake.BYTES_MAX];
        int length = 0;
        try (in) {
            for (int next = in.read(); next >= 0 && next != '\n' && length < start.length; next = in.read()) {
                start[length++] = (byte) next;
            }
            if (length == 0) {
                throw new IOException("nothing was printed");
            }
            line.complete(new String(start, 0, length, StandardCharsets.UTF_8));
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            line.completeExceptionally(e);
        }
    }

    private static void undo(@Nullable Process process, Offspring offspring, @Nullable Path socketDirectory) {
        if (process != null) {
            offspring.kill(process, DEATH_MAX);
        }
        if (socketDirectory != null) {
            PluginSockets.remove(socketDirectory);
        }
    }

    private static String exit(Process process) {
        return process.isAlive() ? "" : " with exit code " + process.exitValue();
    }

    private static String words(PluginLog log) {
        String words = log.lastWords();
        return words.isEmpty() ? "" : "; its log ends: " + words;
    }

    private static void thread(String name, Runnable work) {
        Thread.ofPlatform().daemon().name("plugin-" + name).stackSize(256 << 10).start(work);
    }
}
