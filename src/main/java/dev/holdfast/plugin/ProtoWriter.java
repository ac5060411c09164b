package dev.holdfast.plugin;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes the few kinds of protobuf fields that the plugin protocol has. Default values are left out, as in proto3. */
final class ProtoWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ProtoWriter text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtoWriter texts(int field, List<String> values) {
        values.forEach(value -> message(field, value.getBytes(StandardCharsets.UTF_8)));
        return this;
    }

    ProtoWriter bytes(int field, byte[] value) {
        return value.length == 0 ? this : message(field, value);
    }

    ProtoWriter number(int field, long value) {
        if (value != 0) {
            varint((long) field << 3 | ProtoReader.VARINT);
            varint(value);
        }
        return this;
    }

    /** A field that is there even if it is empty: a message, or one of several values. */
    ProtoWriter message(int field, byte[] encoded) {
        varint((long) field << 3 | ProtoReader.LENGTH);
        varint(encoded.length);
        out.writeBytes(encoded);
        return this;
    }

    byte[] done() {
        return out.toByteArray();
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
