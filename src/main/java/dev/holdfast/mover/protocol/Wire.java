package dev.holdfast.mover.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/** Frames on the socket: four bytes of length, most significant first, then that many bytes of one JSON object. */
public final class Wire {
    /** Longer frames are refused: the peer is not one of ours. */
    public static final int FRAME_BYTES_MAX = 1 << 16;

    private Wire() {}

    /** Sends one frame; the channel must block until bytes can be written. */
    public static void write(WritableByteChannel channel, ObjectNode message) throws IOException {
        byte[] body = Json.bytes(message);
        if (body.length > FRAME_BYTES_MAX) {
            throw new IOException("message of " + body.length + " bytes is longer than " + FRAME_BYTES_MAX);
        }
        ByteBuffer frame = ByteBuffer.allocate(4 + body.length)
                .putInt(body.length)
                .put(body)
                .flip();
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    /** Takes one frame, or null if the peer has closed the connection between two of them. */
    public static @Nullable ObjectNode read(ReadableByteChannel channel) throws IOException {
        ByteBuffer length = ByteBuffer.allocate(4);
        if (!fill(channel, length)) {
            return null;
        }
        int size = length.flip().getInt();
        if (size < 2 || size > FRAME_BYTES_MAX) {
            throw new IOException("frame of " + size + " bytes; 2 to " + FRAME_BYTES_MAX + " are allowed");
        }
        ByteBuffer body = ByteBuffer.allocate(size);
        if (!fill(channel, body)) {
            throw new EOFException("connection closed inside a frame");
        }
        return Json.parse(body.array());
    }

    private static boolean fill(ReadableByteChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                if (buffer.position() == 0) {
                    return false;
                }
                throw new EOFException("connection closed inside a frame");
            }
        }
        return true;
    }
}
