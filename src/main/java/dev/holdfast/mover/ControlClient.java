package dev.holdfast.mover;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.mover.protocol.NonceProof;
import dev.holdfast.mover.protocol.Reply;
import dev.holdfast.mover.protocol.Request;
import dev.holdfast.mover.protocol.Wire;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;

/**
 * One connection to one mover, which has proven that it knows the nonce. As long as it is open the mover counts an
 * agent as present. Lock: the object itself guards the connection, one request at a time.
 *
 * <p>Never blocks beyond the time given, whatever is at the other end: a stopped process neither accepts nor answers.
 */
final class ControlClient implements Closeable {
    private final TimedChannel channel;
    private long lastId = 1;

    private ControlClient(TimedChannel channel) {
        this.channel = channel;
    }

    /** Who is wanted at the socket. */
    record Peer(String session, int generation, String nonce, Path socket) {}

    /**
     * Connects and greets.
     *
     * @throws IOException if nobody answers in time, or somebody who cannot prove the nonce
     */
    static ControlClient connect(Peer peer, Duration within) throws IOException {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String challenge = HexFormat.of().formatHex(random);
        String mine = NonceProof.AGENT.of(peer.nonce(), peer.session(), peer.generation(), challenge);
        TimedChannel channel = new TimedChannel();
        try {
            channel.startBudget(within);
            channel.connect(peer.socket());
            Wire.write(channel, new Request.Hello(peer.session(), peer.generation(), challenge, mine).toJson(1));
            Reply reply = receive(channel, 1);
            String theirs = Objects.requireNonNullElse(reply.proof(), "");
            if (!NonceProof.MOVER.holds(theirs, peer.nonce(), peer.session(), peer.generation(), challenge)) {
                throw new IOException("a stranger listens on " + peer.socket());
            }
            return new ControlClient(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Asks and waits for the answer. After an exception the connection is of no more use. */
    synchronized Reply ask(Request request, Duration within) throws IOException {
        channel.startBudget(within);
        long id = ++lastId;
        Wire.write(channel, request.toJson(id));
        return receive(channel, id);
    }

    private static Reply receive(TimedChannel channel, long id) throws IOException {
        while (true) {
            ObjectNode message = Wire.read(channel);
            if (message == null) {
                throw new EOFException("mover closed the connection");
            }
            Reply reply = Reply.fromJson(message);
            if (reply.id() == id) {
                return reply;
            }
        }
    }

    @Override
    public void close() {
        channel.close();
    }

    /** A socket whose reads and writes wait no longer than a deadline. */
    private static final class TimedChannel implements ByteChannel {
        private final SocketChannel socket;
        private final Selector selector;
        private volatile long deadline;

        TimedChannel() throws IOException {
            socket = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                selector = Selector.open();
                socket.configureBlocking(false);
                socket.register(selector, 0);
            } catch (IOException e) {
                socket.close();
                throw e;
            }
        }

        void startBudget(Duration within) {
            deadline = System.nanoTime() + within.toNanos();
        }

        void connect(Path path) throws IOException {
            if (!socket.connect(UnixDomainSocketAddress.of(path))) {
                await(SelectionKey.OP_CONNECT);
                if (!socket.finishConnect()) {
                    throw new IOException("no connection to " + path);
                }
            }
        }

        @Override
        public int read(ByteBuffer buffer) throws IOException {
            int count = socket.read(buffer);
            if (count == 0 && buffer.hasRemaining()) {
                await(SelectionKey.OP_READ);
                return socket.read(buffer);
            }
            return count;
        }

        @Override
        public int write(ByteBuffer buffer) throws IOException {
            int count = socket.write(buffer);
            if (count == 0 && buffer.hasRemaining()) {
                await(SelectionKey.OP_WRITE);
                return socket.write(buffer);
            }
            return count;
        }

        private void await(int operation) throws IOException {
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            SelectionKey key = socket.keyFor(selector);
            if (millis <= 0 || key == null) {
                throw new SocketTimeoutException("mover does not answer");
            }
            key.interestOps(operation);
            selector.select(millis);
            selector.selectedKeys().clear();
            if (Thread.currentThread().isInterrupted()) {
                throw new IOException("interrupted while waiting for a mover");
            }
        }

        @Override
        public boolean isOpen() {
            return socket.isOpen();
        }

        @Override
        public void close() {
            try {
                socket.close();
                selector.close();
            } catch (IOException e) {
                return; // The kernel has closed it, whatever it said.
            }
        }
    }
}
