package dev.holdfast.session;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** Another process: writes sessions in a loop and tells each that is durable, or holds the state lock. */
final class StoreChild {
    private StoreChild() {}

    public static void main(String[] args) throws IOException, StateLockException {
        Path directory = Path.of(args[1]);
        if (args[0].equals("lock")) {
            try (StateLock _ = StateLock.acquire(directory, Duration.ZERO)) {
                tell("locked");
                int end = System.in.read();
                tell("end " + end);
            }
            return;
        }
        try (MapDbSessionStore store = new MapDbSessionStore(directory)) {
            for (int i = Integer.getInteger("first", 0) + 1; ; i++) {
                Session session = Samples.session("s" + i % 3, new SessionState.Launching(Samples.NOW), "token-" + i);
                store.put(session);
                tell(session.id() + " " + i);
            }
        }
    }

    private static void tell(String line) throws IOException {
        OutputStream out = System.out;
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
