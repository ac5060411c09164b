package dev.holdfast.plugin;

import java.io.IOException;

/**
 * What a plugin is asked about one object. Without object and backup it asks which objects are wanted.
 *
 * @param plugin which of the executable's plugins is meant
 * @param item the object, JSON
 * @param backup the backup it is taken for, JSON of a Velero {@code Backup}
 */
@SuppressWarnings("ArrayRecordComponent")
record Question(String plugin, byte[] item, byte[] backup) {
    private static final byte[] NOTHING = {};

    static Question about(String plugin) {
        return new Question(plugin, NOTHING, NOTHING);
    }

    byte[] encode() {
        return new ProtoWriter().text(1, plugin).bytes(2, item).bytes(3, backup).done();
    }

    static Question decode(byte[] message) throws IOException {
        String plugin = "";
        byte[] item = NOTHING;
        byte[] backup = NOTHING;
        ProtoReader in = new ProtoReader(message);
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> plugin = in.text();
                case 2 -> item = in.bytes();
                case 3 -> backup = in.bytes();
                default -> in.skip();
            }
        }
        return new Question(plugin, item, backup);
    }
}
