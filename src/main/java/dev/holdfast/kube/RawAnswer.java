package dev.holdfast.kube;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer as it came, but for compression, which is undone.
 *
 * @param headers by their names in lower case
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record RawAnswer(int status, Map<String, String> headers, byte[] body) {
    /** A header by its name in lower case. */
    public @Nullable String header(String name) {
        return headers.get(name);
    }
}
