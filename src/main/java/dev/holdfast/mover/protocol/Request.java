package dev.holdfast.mover.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Objects;

/** What an agent says to a mover. Each request gets one {@link Reply}; a connection starts with {@link Hello}. */
public sealed interface Request {
    /**
     * Opens a connection. Both sides prove that they know the nonce, neither says it.
     *
     * @param proof of the agent, see {@link NonceProof}
     */
    record Hello(String session, int generation, String challenge, String proof) implements Request {}

    /** Asks for the status. */
    record Query() implements Request {}

    /** Asks to make everything durable, and to end afterwards if {@code stop}. Answered when that is done. */
    record Checkpoint(boolean stop) implements Request {}

    /** Changes the rate limit; 0 lifts it. */
    record Limit(long bytesPerSecondMax) implements Request {}

    /** Asks to give the transfer up. Answered at once. */
    record Cancel() implements Request {}

    /** This connection no longer counts as an agent: a SIGTERM from now on means stop. */
    record Bye() implements Request {}

    /** A word of a newer version. Answered as unsupported; the connection goes on. */
    record Unknown(String word) implements Request {}

    /** As sent. */
    default ObjectNode toJson(long id) {
        ObjectNode json = Json.object().put("version", 1).put("id", id);
        return switch (this) {
            case Hello hello ->
                json.put("word", "hello")
                        .put("session", hello.session())
                        .put("generation", hello.generation())
                        .put("challenge", hello.challenge())
                        .put("proof", hello.proof());
            case Query _ -> json.put("word", "status");
            case Checkpoint checkpoint -> json.put("word", "checkpoint").put("stop", checkpoint.stop());
            case Limit limit -> json.put("word", "limit").put("bytesPerSecondMax", limit.bytesPerSecondMax());
            case Cancel _ -> json.put("word", "cancel");
            case Bye _ -> json.put("word", "bye");
            case Unknown unknown -> json.put("word", unknown.word());
        };
    }

    /** The number that the reply must repeat. */
    static long idOf(ObjectNode json) {
        return Json.numberOr(json, "id", 0);
    }

    /** Reverse of {@link #toJson}. */
    static Request fromJson(ObjectNode json) throws IOException {
        String word = Objects.requireNonNullElse(Json.textOrNull(json, "word"), "");
        return switch (word) {
            case "hello" ->
                new Hello(
                        Json.text(json, "session"),
                        (int) Json.number(json, "generation"),
                        Json.text(json, "challenge"),
                        Json.text(json, "proof"));
            case "status" -> new Query();
            case "checkpoint" -> new Checkpoint(Json.flag(json, "stop"));
            case "limit" -> new Limit(Json.number(json, "bytesPerSecondMax"));
            case "cancel" -> new Cancel();
            case "bye" -> new Bye();
            default -> new Unknown(word);
        };
    }
}
