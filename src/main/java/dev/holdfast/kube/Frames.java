package dev.holdfast.kube;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Messages on the agent's socket: four bytes of length, most significant first, then that many bytes of one JSON
 * object. One thread reads, any may write. Lock: {@code writing} keeps frames whole.
 */
final class Frames {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BUFFER_BYTES = 16 << 10;

    private final SocketChannel channel;
    private final int bytesMax;
    private final ReentrantLock writing = new ReentrantLock();
    private ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES).flip();

    /** @param bytesMax of what is read; longer frames end the connection */
    Frames(SocketChannel channel, int bytesMax) {
        this.channel = channel;
        this.bytesMax = bytesMax;
    }

    static ObjectNode message(String word) {
        return JSON.createObjectNode().put("word", word);
    }

    static ObjectNode reply(long id) {
        return JSON.createObjectNode().put("id", id);
    }

    void write(ObjectNode message) throws IOException {
        byte[] body = JSON.writeValueAsBytes(message);
        ByteBuffer frame = ByteBuffer.allocate(4 + body.length)
                .putInt(body.length)
                .put(body)
                .flip();
        writing.lock();
        try {
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        } finally {
            writing.unlock();
        }
    }

    /** The next message, or null if the other side has closed the connection between two of them. */
    @Nullable
    ObjectNode read() throws IOException {
        if (!fill(4)) {
            return null;
        }
        int size = in.getInt();
        if (size < 2 || size > bytesMax) {
            throw new IOException("frame of " + size + " bytes; 2 to " + bytesMax + " are allowed");
        }
        if (!fill(size)) {
            throw new EOFException("connection closed inside a frame");
        }
        byte[] body = new byte[size];
        in.get(body);
        try {
            return JSON.readTree(body) instanceof ObjectNode object ? object : refuse();
        } catch (JacksonException e) {
            throw new IOException("not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static ObjectNode refuse() throws IOException {
        throw new IOException("not a JSON object");
    }

    /** Until so many bytes are there; false at the end of the connection. */
    private boolean fill(int bytes) throws IOException {
        if (in.remaining() >= bytes) {
            return true;
        }
        in = bytes <= in.capacity() ? in.compact() : ByteBuffer.allocate(bytes).put(in);
        while (in.position() < bytes) {
            if (channel.read(in) < 0) {
                if (in.position() > 0) {
                    throw new EOFException("connection closed inside a frame");
                }
                return false;
            }
        }
        in.flip();
        return true;
    }
}
