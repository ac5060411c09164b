package dev.holdfast.mover.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a mover answers.
 *
 * @param id of the request
 * @param error null when the request was granted, else {@code unsupported}, {@code refused} or {@code failed}
 * @param proof of the mover, see {@link NonceProof}; in the answer to hello only
 * @param pid of the mover; in the answer to hello only, else 0
 * @param ended whether the transfer has ended and its result is written
 */
public record Reply(
        long id,
        @Nullable String error,
        @Nullable String proof,
        long pid,
        boolean ended,
        @Nullable Status status) {
    /** The request was granted. */
    public static Reply granted(long id, boolean ended, Status status) {
        return new Reply(id, null, null, 0, ended, status);
    }

    /** The request was not granted. */
    public static Reply refused(long id, String error) {
        return new Reply(id, error, null, 0, false, null);
    }

    /** As sent. */
    public ObjectNode toJson() {
        ObjectNode json = Json.object().put("version", 1).put("id", id).put("ok", error == null);
        if (error != null) {
            json.put("error", error);
        }
        if (proof != null) {
            json.put("proof", proof).put("pid", pid);
        }
        if (status != null) {
            json.put("ended", ended).set("status", status.toJson());
        }
        return json;
    }

    /** Reverse of {@link #toJson}. */
    public static Reply fromJson(ObjectNode json) throws IOException {
        ObjectNode status = Json.childOrNull(json, "status");
        String error = Json.textOrNull(json, "error");
        if (error == null && !Json.flag(json, "ok")) {
            error = "failed";
        }
        return new Reply(
                Json.number(json, "id"),
                error,
                Json.textOrNull(json, "proof"),
                Json.numberOr(json, "pid", 0),
                Json.flag(json, "ended"),
                status == null ? null : Status.fromJson(status));
    }
}
