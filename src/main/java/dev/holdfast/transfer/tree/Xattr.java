package dev.holdfast.transfer.tree;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One extended attribute with its full name, such as {@code user.origin}. The arrays are not copied. */
@SuppressWarnings("ArrayRecordComponent")
public record Xattr(byte[] name, byte[] value) {
    /** The name as text, for people. */
    public String label() {
        return new String(name, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Xattr that && Arrays.equals(name, that.name) && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(name) + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return label() + "[" + value.length + "]";
    }
}
