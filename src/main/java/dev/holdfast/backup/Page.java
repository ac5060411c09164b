package dev.holdfast.backup;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list, read from the server as fast as it sends and kept until its turn comes: small ones in memory, of
 * large ones only the start. So no request stays open while plugins are asked, and memory does not grow with the size
 * of the objects.
 */
final class Page implements Closeable {
    private static final int MEMORY_MAX = 1 << 20;
    private static final int COPY = 64 << 10;

    private final byte[] start;
    private final Spool.@Nullable Part rest;
    private final String next;

    private Page(byte[] start, Spool.@Nullable Part rest) throws IOException {
        this.start = start;
        this.rest = rest;
        this.next = continueToken();
    }

    /**
     * Reads the answer of a list and closes it.
     *
     * @param spool takes what memory is not to hold
     * @param itsTurn whether it is waited for
     * @return empty if the spool is full and it is not waited for: to be asked for again
     */
    static Optional<Page> read(InputStream answer, Spool spool, BooleanSupplier itsTurn) throws IOException {
        try (answer) {
            byte[] start = answer.readNBytes(MEMORY_MAX);
            if (start.length < MEMORY_MAX) {
                return Optional.of(new Page(start, null));
            }
            Spool.Part rest = spool.part();
            Optional<Page> page = Optional.empty();
            try {
                if (fill(rest, answer, () -> spool.full() && !itsTurn.getAsBoolean())) {
                    page = Optional.of(new Page(start, rest));
                }
                return page;
            } finally {
                if (page.isEmpty()) {
                    rest.close();
                }
            }
        }
    }

    private static boolean fill(Spool.Part part, InputStream answer, BooleanSupplier enough) throws IOException {
        byte[] buffer = new byte[COPY];
        for (int length = answer.read(buffer); length >= 0; length = answer.read(buffer)) {
            part.write(buffer, length);
            if (enough.getAsBoolean()) {
                return false;
            }
        }
        return true;
    }

    /** Of the answer. */
    long size() {
        return start.length + (rest == null ? 0 : rest.size());
    }

    /** What to ask the next page with; empty if this is the last one. */
    String next() {
        return next;
    }

    /** Reads the page as the server sent it, from its start; one reader at a time. */
    JsonParser parser() throws IOException {
        InputStream content = new ByteArrayInputStream(start);
        if (rest != null) {
            content = new SequenceInputStream(content, rest.read());
        }
        return Json.MAPPER.createParser(content).disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
    }

    /** Servers send the metadata before the items; only where one does not, all of the page is looked through. */
    private String continueToken() throws IOException {
        try (JsonParser parser = parser()) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("the answer is no JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                if (field.equals("metadata")) {
                    return continueIn(parser);
                }
                parser.skipChildren();
            }
        }
        return "";
    }

    private static String continueIn(JsonParser parser) throws IOException {
        String found = "";
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            if (field.equals("continue")) {
                found = parser.getText();
            }
            parser.skipChildren();
        }
        return found;
    }

    @Override
    public void close() {
        if (rest != null) {
            rest.close();
        }
    }
}
