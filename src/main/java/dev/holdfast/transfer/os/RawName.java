package dev.holdfast.transfer.os;

import java.nio.charset.StandardCharsets;

/** Names of entries are bytes; this is how they are shown to people. */
public final class RawName {
    private RawName() {}

    /** Text where the name is text, {@code \xff} for every other byte and for control characters. */
    public static String display(byte[] name) {
        String text = new String(name, StandardCharsets.UTF_8);
        if (text.indexOf('\ufffd') < 0 && text.chars().noneMatch(Character::isISOControl)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(name.length * 2);
        for (byte b : name) {
            if (b >= ' ' && b < 0x7f) {
                escaped.append((char) b);
            } else {
                escaped.append("\\x").append(Character.forDigit(b >> 4 & 15, 16));
                escaped.append(Character.forDigit(b & 15, 16));
            }
        }
        return escaped.toString();
    }
}
