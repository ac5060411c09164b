package dev.holdfast.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import jdk.net.ExtendedSocketOptions;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The agent's end of the socket over which children of ours share its budget and its discovery;
 * {@code docs/agent-socket.md} has the words. Tokens that a child waits for are given back when it goes away.
 */
final class AgentSocket implements Closeable {
    /** Longest request; answers may be longer. */
    static final int REQUEST_BYTES_MAX = 64 << 10;

    /** Error of a token that did not come in time. */
    static final String LATE = "waited too long";

    private static final Logger LOG = Logger.getLogger(AgentSocket.class);
    private static final int CONNECTIONS_MAX = 256;
    private static final int WAITING_MAX = 4096;
    private static final long PAUSE_NANOS = 100_000_000;

    private final Path path;
    private final BudgetSettings settings;
    private final Function<String, TokenBucket.Account> accounts;
    private final Cluster cluster;
    private final KubeObserver observer;
    private final ServerSocketChannel server;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

    /** @throws IOException if nobody can listen there, such as when the path is longer than 107 bytes */
    AgentSocket(
            Path path,
            BudgetSettings settings,
            Function<String, TokenBucket.Account> accounts,
            Cluster cluster,
            KubeObserver observer)
            throws IOException {
        this.path = path;
        this.settings = settings;
        this.accounts = accounts;
        this.cluster = cluster;
        this.observer = observer;
        Files.deleteIfExists(path); // Of an agent before: the state lock says that it is gone.
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e instanceof IOException known ? known : new IOException(e);
        }
        Thread.ofPlatform().daemon().name("agent-socket").start(this::accept);
    }

    /** Tells every child what is in force now. */
    void tellAll() {
        // A child that does not read must not keep the others from knowing.
        connections.forEach(it -> Thread.ofVirtual().name("child").start(() -> it.tell(settingsMessage())));
    }

    /** Tells every child that its snapshot is outdated. */
    void discovered(DiscoverySnapshot snapshot) {
        connections.forEach(it -> Thread.ofVirtual()
                .name("child")
                .start(() -> it.tell(Frames.message("discovered").put("generation", snapshot.generation()))));
    }

    private ObjectNode settingsMessage() {
        BudgetSettings.Effective now = settings.effective();
        return Frames.message("settings")
                .put("qps", now.budget().qps())
                .put("burst", now.budget().burst())
                .put("source", now.source().text())
                .put("qpsFrom", now.qpsFrom().text())
                .put("burstFrom", now.burstFrom().text())
                .put("generation", now.generation());
    }

    private void accept() {
        String last = "";
        while (true) {
            try {
                admit(server.accept());
                last = "";
            } catch (IOException e) {
                if (!server.isOpen()) {
                    return;
                }
                String why = String.valueOf(e.getMessage());
                if (!why.equals(last)) {
                    LOG.warnf("accept a child on %s: %s", path, why);
                    last = why;
                }
                LockSupport.parkNanos(PAUSE_NANOS); // Out of descriptors, perhaps: it would fail again at once.
            }
        }
    }

    private void admit(SocketChannel channel) throws IOException {
        try {
            if (connections.size() < CONNECTIONS_MAX && ours(channel)) {
                Connection connection = new Connection(channel);
                connections.add(connection);
                start(connection);
                return;
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        channel.close();
    }

    /** A thread of its own: a virtual one is woken by way of two others, at each token. */
    private static void start(Connection connection) throws IOException {
        try {
            Thread.ofPlatform().daemon().name("child").start(connection::serve);
        } catch (OutOfMemoryError e) {
            connection.end();
            throw new IOException("no thread for it: " + e.getMessage(), e);
        }
    }

    /** The mode of the file keeps others out; this does so where modes are not looked at. */
    private boolean ours(SocketChannel channel) throws IOException {
        String peer =
                channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
        String own = Files.getOwner(path).getName();
        boolean ours = peer.equals(own) || peer.equals("root");
        if (!ours) {
            LOG.warnf("refused a connection of user %s to %s", peer, path);
        }
        return ours;
    }

    @Override
    public void close() throws IOException {
        server.close();
        connections.forEach(Connection::end);
        Files.deleteIfExists(path);
    }

    /** One child. Its messages are read by one thread, and answered as soon as there is an answer. */
    private final class Connection {
        private final SocketChannel channel;
        private final Frames frames;
        private final Map<Long, CompletableFuture<Void>> waiting = new ConcurrentHashMap<>();
        private String child = "unknown";
        private TokenBucket.@Nullable Account account;

        Connection(SocketChannel channel) {
            this.channel = channel;
            this.frames = new Frames(channel, REQUEST_BYTES_MAX);
        }

        void serve() {
            try {
                ObjectNode message = frames.read();
                while (message != null) {
                    answer(message);
                    message = frames.read();
                }
            } catch (IOException e) {
                LOG.debugf("connection of child %s ended: %s", child, e.getMessage());
            } finally {
                end();
            }
        }

        void end() {
            connections.remove(this);
            waiting.values().forEach(it -> it.cancel(false));
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("closing a child's connection", e);
            }
        }

        private void answer(ObjectNode message) throws IOException {
            long id = message.path("id").asLong();
            String word = message.path("word").asText();
            switch (word) {
                case "token" -> token(id, message);
                case "answered" ->
                    observer.answered(
                            child,
                            message.path("verb").asText(),
                            message.path("status").asInt(),
                            Duration.ofMillis(message.path("millis").asLong()));
                case "retried" -> observer.retried(message.path("reason").asText());
                case "give-up" -> giveUp(message.path("of").asLong());
                case "ping" -> frames.write(Frames.reply(id).put("ok", true));
                case "hello" -> hello(id, message);
                case "discovery", "refresh", "definition" ->
                    Thread.ofVirtual().name("child").start(() -> know(id, word, message));
                default -> frames.write(Frames.reply(id).put("error", "unsupported"));
            }
        }

        private void hello(long id, ObjectNode message) throws IOException {
            child = message.path("child").asText("unknown");
            account = accounts.apply(child);
            LOG.debugf(
                    "child %s pid %d shares the budget",
                    child, message.path("pid").asLong());
            frames.write(Frames.reply(id).put("ok", true));
            frames.write(settingsMessage());
        }

        private void token(long id, ObjectNode message) throws IOException {
            TokenBucket.Account from = account;
            Lane lane = lane(message.path("lane").asText());
            if (from == null || lane == null || waiting.size() >= WAITING_MAX) {
                frames.write(Frames.reply(id).put("error", from == null ? "no hello" : "refused"));
                return;
            }
            Duration within = Duration.ofMillis(Math.clamp(
                    message.path("millis").asLong(), 1, lane.waitMax().toMillis()));
            long begun = System.nanoTime();
            CompletableFuture<Void> turn = from.take(lane, within);
            if (turn.isDone()) {
                grant(id, lane, begun, turn.isCompletedExceptionally());
            } else {
                waiting.put(id, turn);
                turn.whenComplete((_, e) -> {
                    waiting.remove(id);
                    // The one who completes it is the gate's only timer, and a child may not read.
                    Thread.ofVirtual().name("child").start(() -> grant(id, lane, begun, e != null));
                });
            }
        }

        private void grant(long id, Lane lane, long begun, boolean failed) {
            observer.waited(child, lane, Duration.ofNanos(System.nanoTime() - begun), failed);
            ObjectNode reply = Frames.reply(id);
            tell(failed ? reply.put("error", LATE) : reply.put("ok", true));
        }

        private void giveUp(long id) {
            CompletableFuture<Void> turn = waiting.remove(id);
            if (turn != null) {
                turn.cancel(false);
            }
        }

        private void know(long id, String word, ObjectNode message) {
            ObjectNode reply = Frames.reply(id);
            try {
                if (word.equals("definition")) {
                    cluster.definition(message.path("name").asText())
                            .ifPresentOrElse(
                                    it -> reply.put("ok", true).put("body", it), () -> reply.put("error", "unknown"));
                } else {
                    Discovery discovery = cluster.discovery();
                    DiscoverySnapshot snapshot = word.equals("refresh") ? discovery.refreshed() : discovery.snapshot();
                    reply.put("ok", true);
                    if (snapshot.generation() != message.path("generation").asLong()) {
                        reply.set("snapshot", SnapshotJson.write(snapshot));
                    }
                }
            } catch (KubeException e) {
                reply.put("error", e.code().name()).put("status", e.status()).put("message", e.getMessage());
            }
            tell(reply);
        }

        void tell(ObjectNode message) {
            try {
                frames.write(message);
            } catch (IOException e) {
                LOG.debugf("child %s does not listen: %s", child, e.getMessage());
                end();
            }
        }
    }

    private static @Nullable Lane lane(String name) {
        for (Lane lane : Lane.values()) {
            if (lane.name().equals(name.toUpperCase(Locale.ROOT))) {
                return lane;
            }
        }
        return null;
    }
}
