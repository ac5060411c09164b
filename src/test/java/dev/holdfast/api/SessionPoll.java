package dev.holdfast.api;

import static io.restassured.RestAssured.given;

import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Asks for a session until it has ended. */
final class SessionPoll {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private SessionPoll() {}

    static ValidatableResponse ended(String id) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            ValidatableResponse response =
                    given().get("/api/v1/sessions/" + id).then().statusCode(200);
            if (response.extract().path("outcome") != null) {
                return response;
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(
                        "session did not end: " + response.extract().asString());
            }
            LockSupport.parkNanos(20_000_000);
        }
    }
}
