package dev.holdfast.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.config.Budget;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A child's end of the agent's socket. While the agent is there every token comes from it; while it is not, from a
 * bucket of the child's own with an eighth of the rate, so that a node whose agent restarts is slow but never stops,
 * and never exceeds its budget. Connects again by itself. Lock: none; {@code link} is replaced as a whole.
 */
final class AgentLink implements Tokens, Closeable {
    static final double FALLBACK_PART = 1.0 / 8;

    private static final Logger LOG = Logger.getLogger(AgentLink.class);
    private static final int ANSWER_BYTES_MAX = 64 << 20;
    private static final Duration PAUSE_FIRST = Duration.ofMillis(50);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(1);
    private static final long SILENCE_NANOS_MAX = TimeUnit.SECONDS.toNanos(3);

    private final Optional<Path> socket;
    private final String child;
    private final BudgetSettings settings;
    private final TokenBucket fallback;
    private final TokenBucket.Account own;
    private final Runnable outdated;
    private final AtomicLong ids = new AtomicLong();
    private final AtomicReference<@Nullable Link> link = new AtomicReference<>();
    private volatile boolean closed;

    /**
     * Connects if somebody is there, and goes on trying if not.
     *
     * @param outdated called when the agent says that discovery has changed
     */
    AgentLink(
            Optional<Path> socket,
            String child,
            BudgetSettings settings,
            ScheduledExecutorService timer,
            Runnable outdated) {
        this.socket = socket;
        this.child = child;
        this.settings = settings;
        this.outdated = outdated;
        this.fallback = new TokenBucket(part(settings), System::nanoTime, timer);
        this.own = fallback.account(child, 100);
        settings.onChange(_ -> follow());
        if (socket.isPresent()) {
            Link first = connect(socket.get());
            Thread.ofPlatform().daemon().name("agent-link").start(() -> run(socket.get(), first));
            timer.scheduleAtFixedRate(this::ping, 1, 1, TimeUnit.SECONDS);
        }
    }

    private static Budget part(BudgetSettings settings) {
        return settings.effective().budget().times(FALLBACK_PART);
    }

    private synchronized void follow() {
        fallback.change(part(settings));
    }

    /** Whether the agent is there. */
    boolean connected() {
        return link.get() != null;
    }

    @Override
    public CompletableFuture<Void> take(Lane lane, Duration within) {
        Link now = link.get();
        if (now == null) {
            return own.take(lane, within);
        }
        CompletableFuture<Void> turn = new CompletableFuture<>();
        long deadline = System.nanoTime() + within.toNanos();
        long id = ids.incrementAndGet();
        ObjectNode message = Frames.message("token")
                .put("id", id)
                .put("lane", lane.name())
                .put("millis", Math.max(1, within.toMillis()));
        now.ask(id, message).whenComplete((reply, e) -> {
            if (e != null) {
                Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
                if (turn.isDone()) {
                    return;
                }
                CompletableFuture<Void> mine = own.take(lane, left);
                turn.whenComplete((_, _) -> mine.cancel(false));
                mine.whenComplete((_, failure) -> finish(turn, failure));
            } else {
                finish(turn, refusal(reply, lane, within));
            }
        });
        turn.whenComplete((_, _) -> {
            if (turn.isCancelled()) {
                now.tell(Frames.message("give-up").put("of", id));
            }
        });
        return turn;
    }

    private static @Nullable WaitedTooLong refusal(ObjectNode reply, Lane lane, Duration within) {
        String error = reply.path("error").asText("");
        return switch (error) {
            case "" -> null;
            case AgentSocket.LATE -> WaitedTooLong.token(lane, within);
            default -> WaitedTooLong.refused(lane, error);
        };
    }

    private static void finish(CompletableFuture<Void> turn, @Nullable Throwable failure) {
        if (failure == null) {
            turn.complete(null);
        } else {
            turn.completeExceptionally(RequestGate.cause(failure));
        }
    }

    /** Asks the agent; empty where it is not there. Blocks. */
    Optional<ObjectNode> ask(ObjectNode message, Duration within) {
        Link now = link.get();
        if (now == null) {
            return Optional.empty();
        }
        long id = ids.incrementAndGet();
        CompletableFuture<ObjectNode> answer = now.ask(id, message.put("id", id));
        try {
            return Optional.of(answer.get(within.toMillis(), TimeUnit.MILLISECONDS));
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            answer.cancel(false);
            LOG.debugf("ask the agent: %s", e.getMessage());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Tells the agent, if it is there. */
    void tell(ObjectNode message) {
        Link now = link.get();
        if (now != null) {
            now.tell(message);
        }
    }

    private @Nullable Link connect(Path path) {
        try {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(UnixDomainSocketAddress.of(path));
                Link fresh = new Link(channel);
                fresh.greet();
                link.set(fresh);
                outdated.run(); // Nobody has told what changed meanwhile.
                LOG.debugf("shares the agent's request budget over %s", path);
                return fresh;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            LOG.debugf("no agent on %s: %s", path, e.getMessage());
            return null;
        }
    }

    private void run(Path path, @Nullable Link first) {
        Link now = first;
        Duration pause = PAUSE_FIRST;
        while (!closed) {
            if (now != null) {
                now.read();
                lost(now);
                pause = PAUSE_FIRST;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(pause.toMillis());
            } catch (InterruptedException _) {
                return;
            }
            Duration twice = pause.multipliedBy(2);
            pause = twice.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : twice;
            now = closed ? null : connect(path);
        }
    }

    /** Of what the agent said last only the part that a child may use alone stays in force. */
    private void lost(Link last) {
        link.set(null);
        if (!closed) {
            last.keep();
            LOG.infof("the agent is away: requests go on with an eighth of the budget, %s", fallback.budget());
        }
    }

    private void ping() {
        Link now = link.get();
        if (now != null) {
            if (System.nanoTime() - now.heard > SILENCE_NANOS_MAX) {
                now.end(new IOException("the agent does not answer"));
            } else {
                now.tell(Frames.message("ping").put("id", ids.incrementAndGet()));
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        Link now = link.get();
        if (now != null) {
            now.end(new IOException("closed"));
        }
    }

    /** One connection. */
    private final class Link {
        private final SocketChannel channel;
        private final Frames frames;
        private final Map<Long, CompletableFuture<ObjectNode>> open = new ConcurrentHashMap<>();
        private volatile long heard = System.nanoTime();
        private volatile @Nullable IOException ended;
        private long generation;
        private @Nullable ObjectNode said;

        Link(SocketChannel channel) {
            this.channel = channel;
            this.frames = new Frames(channel, ANSWER_BYTES_MAX);
        }

        /** The first two messages of the agent are the answer and the settings. */
        void greet() throws IOException {
            frames.write(Frames.message("hello")
                    .put("version", 1)
                    .put("id", 0)
                    .put("child", child)
                    .put("pid", ProcessHandle.current().pid()));
            ObjectNode answer = frames.read();
            if (answer == null || answer.has("error")) {
                throw new IOException("the agent refused: " + answer);
            }
            ObjectNode told = frames.read();
            if (told != null) {
                heard(told);
            }
        }

        CompletableFuture<ObjectNode> ask(long id, ObjectNode message) {
            CompletableFuture<ObjectNode> answer = new CompletableFuture<>();
            open.put(id, answer);
            tell(message);
            IOException end = ended;
            if (end != null) {
                answer.completeExceptionally(end);
            }
            answer.whenComplete((_, _) -> open.remove(id));
            return answer;
        }

        void tell(ObjectNode message) {
            try {
                frames.write(message);
            } catch (IOException e) {
                end(e);
            }
        }

        void read() {
            try {
                ObjectNode message = frames.read();
                while (message != null) {
                    heard(message);
                    message = frames.read();
                }
                end(new IOException("the agent closed the connection"));
            } catch (IOException e) {
                end(e);
            }
        }

        private void heard(ObjectNode message) {
            heard = System.nanoTime();
            switch (message.path("word").asText("")) {
                case "settings" -> settings(message);
                case "discovered" -> outdated.run();
                default -> {
                    CompletableFuture<ObjectNode> answer =
                            open.remove(message.path("id").asLong());
                    if (answer != null) {
                        answer.complete(message);
                    }
                }
            }
        }

        /** Messages may overtake each other; the latest change is what counts. */
        private void settings(ObjectNode message) {
            long told = message.path("generation").asLong();
            if (told >= generation) {
                generation = told;
                said = message;
                AgentLink.this.settings.change(
                        BudgetSource.LIVE,
                        new BudgetSettings.Layer(
                                message.path("qps").asDouble(),
                                message.path("burst").asDouble()));
            }
        }

        /**
         * Puts what the agent said last where the agent had it from, as far as the shared file is concerned: a value
         * that the agent had from above the file stays whatever the file says, another one follows the file from here
         * on, as it would in the agent.
         */
        void keep() {
            ObjectNode last = said;
            if (last != null) {
                // The live pair still hides this one, so that what is in force changes at most once.
                AgentLink.this.settings.change(BudgetSource.CONFIG_FILE, part(last, false));
                AgentLink.this.settings.change(BudgetSource.LIVE, part(last, true));
            }
        }

        private static BudgetSettings.Layer part(ObjectNode said, boolean aboveFile) {
            return new BudgetSettings.Layer(value(said, "qps", aboveFile), value(said, "burst", aboveFile));
        }

        private static @Nullable Double value(ObjectNode said, String name, boolean aboveFile) {
            BudgetSource from = BudgetSource.of(said.path(name + "From").asText());
            return from.compareTo(BudgetSource.SHARED_FILE) > 0 == aboveFile
                    ? said.path(name).asDouble()
                    : null;
        }

        void end(IOException why) {
            link.compareAndSet(this, null);
            ended = why;
            try {
                channel.close();
            } catch (IOException e) {
                why.addSuppressed(e);
            }
            open.values().forEach(it -> it.completeExceptionally(why));
            open.clear();
        }
    }
}
