package dev.holdfast.plugin;

import java.io.IOException;

/**
 * How far a plugin is with work that it goes on with after its answer.
 *
 * @param error what went wrong, or empty
 * @param units what {@code done} and {@code total} count
 */
public record Operation(boolean completed, String error, long done, long total, String units) {
    static final Operation DONE = new Operation(true, "", 0, 0, "");

    static byte[] ask(String plugin, String operation, byte[] backup) {
        return new ProtoWriter()
                .text(1, plugin)
                .text(2, operation)
                .bytes(3, backup)
                .done();
    }

    /** Of an answer to {@code Progress}. */
    static Operation decode(byte[] message) throws IOException {
        ProtoReader in = new ProtoReader(message);
        Operation found = new Operation(false, "", 0, 0, "");
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
        long done = 0;
        long total = 0;
        String units = "";
        ProtoReader in = new ProtoReader(message);
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> completed = in.number() != 0;
                case 2 -> error = in.text();
                case 3 -> done = in.number();
                case 4 -> total = in.number();
                case 5 -> units = in.text();
                default -> in.skip();
            }
        }
        return new Operation(completed, error, done, total, units);
    }
}
