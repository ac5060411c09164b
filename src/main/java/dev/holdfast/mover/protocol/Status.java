package dev.holdfast.mover.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far a mover is, as it says itself. Totals are -1 while unknown.
 *
 * @param token transfer session token, null until the repository has given one
 * @param start how this attempt began, null until known
 * @param bytesPerSecondMax the limit in force, 0 without one, -1 if a mover of an older version does not say
 * @param ownCgroup whether the mover read back that it is in the cgroup made for it
 */
public record Status(
        Instant at,
        long filesDone,
        long filesTotal,
        long bytesDone,
        long bytesTotal,
        long bytesSent,
        long bytesSentAgain,
        long bytesReadAgain,
        long lastBlock,
        String lastBlockId,
        List<Warning> warnings,
        @Nullable String token,
        @Nullable String start,
        long epoch,
        long bytesPerSecondMax,
        boolean ownCgroup) {
    public Status {
        warnings = List.copyOf(warnings);
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("at", at.toString());
        json.put("filesDone", filesDone);
        json.put("filesTotal", filesTotal);
        json.put("bytesDone", bytesDone);
        json.put("bytesTotal", bytesTotal);
        json.put("bytesSent", bytesSent);
        json.put("bytesSentAgain", bytesSentAgain);
        json.put("bytesReadAgain", bytesReadAgain);
        json.put("lastBlock", lastBlock);
        json.put("lastBlockId", lastBlockId);
        Warning.write(warnings, json);
        json.put("token", token);
        json.put("start", start);
        json.put("epoch", epoch);
        json.put("bytesPerSecondMax", bytesPerSecondMax);
        json.put("ownCgroup", ownCgroup);
        return json;
    }

    static Status fromJson(ObjectNode json) throws IOException {
        return new Status(
                instant(Json.text(json, "at")),
                Json.numberOr(json, "filesDone", 0),
                Json.numberOr(json, "filesTotal", -1),
                Json.numberOr(json, "bytesDone", 0),
                Json.numberOr(json, "bytesTotal", -1),
                Json.numberOr(json, "bytesSent", 0),
                Json.numberOr(json, "bytesSentAgain", 0),
                Json.numberOr(json, "bytesReadAgain", 0),
                Json.numberOr(json, "lastBlock", 0),
                Objects.requireNonNullElse(Json.textOrNull(json, "lastBlockId"), ""),
                Warning.read(json),
                Json.textOrNull(json, "token"),
                Json.textOrNull(json, "start"),
                Json.numberOr(json, "epoch", 0),
                Json.numberOr(json, "bytesPerSecondMax", -1),
                Json.flag(json, "ownCgroup"));
    }

    private static Instant instant(String text) throws IOException {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new MalformedException("field \"at\" is no instant", e);
        }
    }

    /** Without the token: statuses are logged. */
    @Override
    public String toString() {
        return "status at " + at + ": " + bytesDone + " of " + bytesTotal + " bytes, epoch " + epoch;
    }
}
