package dev.holdfast.transfer.backup;

import java.util.HexFormat;

/** Keys as map keys and in messages. */
final class Hex {
    private Hex() {}

    static String of(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
