package dev.holdfast.mover.worker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.mover.protocol.Bootstrap;
import dev.holdfast.mover.protocol.NonceProof;
import dev.holdfast.mover.protocol.Reply;
import dev.holdfast.mover.protocol.Request;
import dev.holdfast.mover.protocol.Wire;
import dev.holdfast.transfer.TransferControl;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Listens on the mover's socket. A connection counts as an agent from its proven hello until it closes or leaves. */
final class ControlServer {
    private static final int CONNECTIONS_MAX = 16;
    private static final int STACK_BYTES = 256 << 10;
    private static final long LAST_ANSWERS_MILLIS = 2000;

    private final Bootstrap bootstrap;
    private final TransferControl control;
    private final Report report;
    private final Agents agents;
    private final MoverLog log;
    private final ServerSocketChannel server;
    private final Semaphore free = new Semaphore(CONNECTIONS_MAX);
    private final AtomicInteger answering = new AtomicInteger();
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

    ControlServer(Bootstrap bootstrap, TransferControl control, Report report, Agents agents, MoverLog log)
            throws IOException {
        this.bootstrap = bootstrap;
        this.control = control;
        this.report = report;
        this.agents = agents;
        this.log = log;
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    }

    void start() throws IOException {
        Files.deleteIfExists(bootstrap.socket());
        server.bind(UnixDomainSocketAddress.of(bootstrap.socket()));
        thread("control").start(this::accept);
    }

    /** The result is on the disk: answers who waits for that, and listens no more. */
    void end() throws IOException {
        ended.complete(true);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LAST_ANSWERS_MILLIS);
        synchronized (answering) {
            while (answering.get() > 0 && System.nanoTime() < deadline) {
                try {
                    TimeUnit.NANOSECONDS.timedWait(answering, deadline - System.nanoTime());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
        Files.deleteIfExists(bootstrap.socket());
    }

    private static Thread.Builder thread(String name) {
        return Thread.ofPlatform().daemon().name(name).stackSize(STACK_BYTES);
    }

    private void accept() {
        while (true) {
            try {
                SocketChannel connection = server.accept();
                if (free.tryAcquire()) {
                    thread("agent").start(() -> serve(connection));
                } else {
                    connection.close();
                }
            } catch (IOException e) {
                log.line("listens no more: the transfer goes on without an agent", e);
                return;
            }
        }
    }

    private void serve(SocketChannel opened) {
        Presence presence = new Presence();
        try (SocketChannel connection = opened) {
            ObjectNode message = Wire.read(connection);
            while (message != null) {
                answer(connection, message, presence);
                if (!presence.proven) {
                    return;
                }
                message = Wire.read(connection);
            }
        } catch (IOException e) {
            log.line("connection of an agent ended: " + e.getMessage());
        } finally {
            presence.leave();
            free.release();
        }
    }

    /** Of one connection, used by its thread alone. */
    private final class Presence {
        private boolean proven;
        private boolean counted;

        void prove() {
            if (!counted) {
                counted = true;
                agents.came();
            }
            proven = true;
        }

        void leave() {
            if (counted) {
                counted = false;
                agents.left();
            }
        }
    }

    private void answer(SocketChannel connection, ObjectNode message, Presence presence) throws IOException {
        long id = Request.idOf(message);
        answering.incrementAndGet();
        try {
            Reply reply;
            try {
                Request request = Request.fromJson(message);
                reply = !presence.proven && !(request instanceof Request.Hello)
                        ? Reply.refused(id, "refused")
                        : reply(id, request, presence);
            } catch (IOException e) {
                reply = Reply.refused(id, "failed");
            }
            Wire.write(connection, reply.toJson());
        } finally {
            synchronized (answering) {
                answering.decrementAndGet();
                answering.notifyAll();
            }
        }
    }

    private Reply reply(long id, Request request, Presence presence) {
        return switch (request) {
            case Request.Hello hello -> greet(id, hello, presence);
            case Request.Query _ -> granted(id);
            case Request.Checkpoint checkpoint -> checkpoint(id, checkpoint.stop());
            case Request.Limit limit -> {
                control.limit(limit.bytesPerSecondMax());
                yield granted(id);
            }
            case Request.Cancel _ -> {
                log.line("asked to cancel");
                control.cancel();
                yield granted(id);
            }
            case Request.Bye _ -> {
                presence.leave();
                yield granted(id);
            }
            case Request.Unknown _ -> Reply.refused(id, "unsupported");
        };
    }

    private Reply granted(long id) {
        return Reply.granted(id, ended.isDone(), report.status());
    }

    private Reply greet(long id, Request.Hello hello, Presence presence) {
        String session = bootstrap.session();
        int generation = bootstrap.generation();
        boolean ours = hello.session().equals(session)
                && hello.generation() == generation
                && NonceProof.AGENT.holds(hello.proof(), bootstrap.nonce(), session, generation, hello.challenge());
        if (!ours) {
            log.line("refused a connection that does not know the nonce");
            return Reply.refused(id, "refused");
        }
        presence.prove();
        String proof = NonceProof.MOVER.of(bootstrap.nonce(), session, generation, hello.challenge());
        return new Reply(id, null, proof, ProcessHandle.current().pid(), ended.isDone(), report.status());
    }

    /** Waits as long as the engine needs; who asks has a limit of its own. */
    private Reply checkpoint(long id, boolean stop) {
        try {
            if (stop) {
                log.line("asked to checkpoint and end");
                control.stop();
                ended.get();
            } else {
                CompletableFuture.anyOf(control.checkpoint(), ended).get();
            }
            return granted(id);
        } catch (ExecutionException e) {
            return Reply.refused(id, "failed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Reply.refused(id, "failed");
        }
    }
}
