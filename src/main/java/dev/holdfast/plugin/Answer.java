package dev.holdfast.plugin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a plugin says about one object.
 *
 * @param item the object as it is to be stored, JSON; empty to leave it as it is
 * @param additional objects to be taken as well
 * @param operation id of work that goes on after the answer, or empty; version 2 only
 * @param afterOperation objects to be taken once that work is done
 */
@SuppressWarnings("ArrayRecordComponent")
public record Answer(byte[] item, List<ItemId> additional, String operation, List<ItemId> afterOperation) {
    /** Leaves every object as it is. */
    public static final Answer KEEP = new Answer(new byte[0], List.of(), "", List.of());

    public Answer {
        additional = List.copyOf(additional);
        afterOperation = List.copyOf(afterOperation);
    }

    /** Leaves the object as it is and asks for others. */
    public static Answer add(List<ItemId> additional) {
        return new Answer(KEEP.item, additional, "", List.of());
    }

    /** @param original what stands for an object that is left as it is: hosts of Velero expect one */
    byte[] encode(byte[] original) {
        ProtoWriter out = new ProtoWriter().bytes(1, item.length == 0 ? original : item);
        additional.forEach(id -> out.message(2, id.encode()));
        out.text(3, operation);
        afterOperation.forEach(id -> out.message(4, id.encode()));
        return out.done();
    }

    static Answer decode(byte[] message) throws IOException {
        byte[] item = KEEP.item;
        List<ItemId> additional = new ArrayList<>();
        String operation = "";
        List<ItemId> afterOperation = new ArrayList<>();
        ProtoReader in = new ProtoReader(message);
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> item = in.bytes();
                case 2 -> additional.add(ItemId.decode(in.bytes()));
                case 3 -> operation = in.text();
                case 4 -> afterOperation.add(ItemId.decode(in.bytes()));
                default -> in.skip();
            }
        }
        return new Answer(item, additional, operation, afterOperation);
    }

    /** Of an item block action: related objects, and nothing else. */
    static Answer decodeRelated(byte[] message) throws IOException {
        List<ItemId> related = new ArrayList<>();
        ProtoReader in = new ProtoReader(message);
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field == 1) {
                related.add(ItemId.decode(in.bytes()));
            } else {
                in.skip();
            }
        }
        return add(related);
    }
}
