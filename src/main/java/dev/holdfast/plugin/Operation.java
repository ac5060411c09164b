package dev.holdfast.plugin;

import java.io.IOException;

/**
 * How far a plugin is with work that it goes on with after its answer.
 *
 * @param error what went wrong, or empty
 */
public record Operation(boolean completed, String error) {
    static final Operation DONE = new Operation(true, "");

    static byte[] ask(String plugin, String operation, byte[] backup) {
        return new ProtoWriter()
                .text(1, plugin)
                .text(2, operation)
                .bytes(3, backup)
                .done();
    }

    /** As the answer to {@code Progress}, which has nothing else. */
    byte[] encode() {
        byte[] progress =
                new ProtoWriter().number(1, completed ? 1 : 0).text(2, error).done();
        return new ProtoWriter().message(1, progress).done();
    }

    /** Of an answer to {@code Progress}. */
    static Operation decode(byte[] message) throws IOException {
        ProtoReader in = new ProtoReader(message);
        Operation found = new Operation(false, "");
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field == 1) {
                found = one(in.bytes());
            } else {
                in.skip();
            }
        }
        return found;
    }

    private static Operation one(byte[] message) throws IOException {
        boolean completed = false;
        String error = "";
        ProtoReader in = new ProtoReader(message);
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> completed = in.number() != 0;
                case 2 -> error = in.text();
                default -> in.skip();
            }
        }
        return new Operation(completed, error);
    }
}
