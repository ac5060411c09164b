package dev.holdfast.plugin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One plugin that an executable has to offer.
 *
 * @param command the executable, as it wants to be started again by Velero; we start what we found instead
 * @param kind one of Velero's kinds, known to us or not
 * @param name such as {@code velero.io/pod}
 */
record Offer(String command, String kind, String name) {
    /** Of one executable: each is asked what it applies to. */
    static final int OFFERS_MAX = 1_000;

    static byte[] encode(List<Offer> offers) {
        ProtoWriter out = new ProtoWriter();
        offers.forEach(offer -> out.message(
                1,
                new ProtoWriter()
                        .text(1, offer.command)
                        .text(2, offer.kind)
                        .text(3, offer.name)
                        .done()));
        return out.done();
    }

    static List<Offer> decode(byte[] message) throws IOException {
        List<Offer> offers = new ArrayList<>();
        ProtoReader in = new ProtoReader(message);
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field == 1) {
                if (offers.size() == OFFERS_MAX) {
                    throw new IOException("more than " + OFFERS_MAX + " plugins");
                }
                offers.add(one(in.bytes()));
            } else {
                in.skip();
            }
        }
        return offers;
    }

    private static Offer one(byte[] message) throws IOException {
        String command = "";
        String kind = "";
        String name = "";
        ProtoReader in = new ProtoReader(message);
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> command = in.text();
                case 2 -> kind = in.text();
                case 3 -> name = in.text();
                default -> in.skip();
            }
        }
        return new Offer(command, kind, name);
    }
}
