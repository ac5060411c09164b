package dev.holdfast.transfer.repository;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Names, sizes and directories of packs in one object: the content of an index or a checkpoint. */
final class PackList {
    /** A pack with its stored {@link PackDirectory}. */
    static final class Item {
        final String name;
        final long size;
        final byte[] directory;

        Item(String name, long size, byte[] directory) {
            this.name = name;
            this.size = size;
            this.directory = directory;
        }
    }

    /** Beside its directory. */
    private static final int ITEM_USUAL = 128;

    private PackList() {}

    static byte[] encode(List<Item> items) {
        int directories = items.stream().mapToInt(item -> item.directory.length).sum();
        Encoder to = new Encoder(directories + ITEM_USUAL * (items.size() + 1)).int32(items.size());
        for (Item item : items) {
            to.text(item.name).int64(item.size).int32(item.directory.length).raw(item.directory);
        }
        return to.toBytes();
    }

    /** Throws BufferUnderflowException or IllegalArgumentException on nonsense. */
    static List<Item> decode(byte[] bytes) {
        ByteBuffer from = Encoder.decoder(bytes);
        List<Item> items = new ArrayList<>();
        for (int left = from.getInt(); left > 0; left--) {
            String name = Encoder.text(from);
            long size = from.getLong();
            int length = from.getInt();
            if (length < 0 || length > from.remaining()) {
                throw new IllegalArgumentException("directory of " + length + " bytes");
            }
            byte[] directory = new byte[length];
            from.get(directory);
            items.add(new Item(name, size, directory));
        }
        return items;
    }
}
