package dev.holdfast.kube;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What is left of an answer that nobody reads on. It is read to its end and thrown away, for to break it off means to
 * close its connection; and Vert.x does so even when the answer has ended meanwhile and the connection has been handed
 * to the next request, which then fails. Only what is long is broken off.
 */
final class Leftover {
    private static final int BYTES_MAX = 256 << 10;

    private long bytes;

    /** Takes what came and asks for more, or ends it. */
    synchronized void take(List<ByteBuffer> parts, AsyncBody body) {
        for (ByteBuffer part : parts) {
            bytes += part.remaining();
        }
        if (bytes > BYTES_MAX) {
            body.cancel();
        } else {
            body.consume();
        }
    }
}
