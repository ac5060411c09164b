package dev.holdfast.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.holdfast.agent.TemporaryState;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@WithTestResource(value = TemporaryState.class, scope = TestResourceScope.GLOBAL)
class AgentApiTest {
    private static final AtomicInteger NEXT = new AtomicInteger();

    @Inject
    AgentState agent;

    @Test
    void a_write_without_token_is_refused_with_a_problem_document() {
        given().contentType(ContentType.JSON)
                .body(backup("refused"))
                .post("/api/v1/sessions")
                .then()
                .statusCode(401)
                .contentType("application/problem+json")
                .header("WWW-Authenticate", containsString("Bearer"))
                .body("type", equalTo("about:blank"))
                .body("title", equalTo("Unauthorized"))
                .body("status", equalTo(401))
                .body("code", equalTo("UNAUTHORIZED"))
                .body("detail", containsString("api.token"));
    }

    @Test
    void a_write_with_a_wrong_token_is_refused() {
        given().header("Authorization", "Bearer " + "0".repeat(64))
                .delete("/api/v1/sessions/any")
                .then()
                .statusCode(401);
    }

    @Test
    void an_unknown_session_is_not_found() {
        given().get("/api/v1/sessions/nobody")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("code", equalTo("SESSION_UNKNOWN"))
                .body("detail", containsString("nobody"));
    }

    @Test
    void an_unknown_address_is_a_problem_document_too() {
        given().get("/api/v1/nothing")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("code", equalTo("NOT_FOUND"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"kind":"backup","sorce":"/x"}                                          | unknown field "sorce"
            {"kind":"copy"}                                                         | "copy"
            {"repository":"/r"}                                                     | "kind" is missing
            {"kind":"backup","source":"data","repository":"/r","keyFile":"/k"}      | absolute path
            {"kind":"backup","source":"/d","keyFile":"/k"}                          | "repository" is missing
            {"kind":"backup","source":"/d","target":"/t"}                           | "target" has no meaning
            {"kind":"restore","repository":"/r","keyFile":"/k"}                     | "target" is missing
            {"kind":"backup","source":"/d","repository":"/r","keyFile":"/k","workers":-1}    | 0 to 64
            {"kind":"backup","source":"/d","repository":"/r","keyFile":"/k","workers":"two"} | "workers"
            {"kind":"backup","source":"/d","repository":"/r","keyFile":"/k","bytesPerSecondMax":-5} | no limit
            {"kind":"backup","source":"/d","repository":"/r","keyFile":"/k","id":"A b"} | session id "A b"
            {"kind":"backup",                                                       | not JSON
            []                                                                      | one JSON object
            {"kind":"backup"} {}                                                    | one JSON object
            """)
    void bad_input_is_refused_and_named(String body, String named) {
        writer().body(body)
                .post("/api/v1/sessions")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("code", equalTo("INVALID_REQUEST"))
                .body("detail", containsString(named));
    }

    @Test
    void a_session_is_taken_in_once_under_its_id() {
        String id = "once-" + NEXT.incrementAndGet();

        writer().body(backup(id))
                .post("/api/v1/sessions")
                .then()
                .statusCode(201)
                .header("Location", containsString("/api/v1/sessions/" + id))
                .body("id", equalTo(id))
                .body("kind", equalTo("backup"))
                .body("source", equalTo("/nowhere/at/all"))
                .body("sourceName", equalTo("/nowhere/at/all"))
                .body("created", notNullValue());
        writer().body(backup(id))
                .post("/api/v1/sessions")
                .then()
                .statusCode(200)
                .body("id", equalTo(id));
        writer().body(backup(id).replace("/at/all", "/else"))
                .post("/api/v1/sessions")
                .then()
                .statusCode(409)
                .body("code", equalTo("CONFLICT"));
        given().get("/api/v1/sessions").then().statusCode(200).body("id", hasItem(id));
        given().get("/").then().statusCode(200).contentType(ContentType.HTML).body(containsString(id));
    }

    @Test
    void a_source_that_is_not_there_fails_the_session_and_is_named() {
        String id = "gone-" + NEXT.incrementAndGet();

        writer().body(backup(id)).post("/api/v1/sessions").then().statusCode(201);

        SessionPoll.ended(id)
                .body("outcome", equalTo("failed"))
                .body("failure.code", startsWith("SOURCE_"))
                .body("failure.message", containsString("/nowhere/at/all"))
                .body("history.to", hasItem("Ended"));
        given().get("/").then().body(containsString("SOURCE_"));
    }

    @Test
    void an_ended_session_stays_as_it_is() {
        String id = "canceled-" + NEXT.incrementAndGet();
        writer().body(backup(id)).post("/api/v1/sessions").then().statusCode(201);
        SessionPoll.ended(id);

        writer().delete("/api/v1/sessions/" + id).then().statusCode(202).body("outcome", equalTo("failed"));
        writer().body("{\"bytesPerSecondMax\": 1000}")
                .patch("/api/v1/sessions/" + id)
                .then()
                .statusCode(409)
                .body("code", equalTo("SESSION_ENDED"));
    }

    @Test
    void a_secret_is_never_shown() throws IOException {
        String token = Files.readString(agent.stateDir().resolve("api.token")).strip();

        for (String path : new String[] {"/", "/api/v1/agent", "/api/v1/sessions", "/api/v1/recovery"}) {
            given().get(path).then().statusCode(200).body(not(containsString(token)));
        }
    }

    @Test
    void an_address_that_takes_no_body_type_says_so() {
        given().header("Authorization", "Bearer " + token())
                .contentType("text/plain")
                .body("x")
                .post("/api/v1/sessions")
                .then()
                .statusCode(415)
                .contentType("application/problem+json");
    }

    @Test
    void the_agent_tells_what_it_is() {
        given().get("/api/v1/agent")
                .then()
                .statusCode(200)
                .body("pid", equalTo((int) ProcessHandle.current().pid()))
                .body("stateDir", equalTo(agent.stateDir().toString()))
                .body("ready", equalTo(true))
                .body("moversAtShutdown", equalTo("stop"))
                .body("cgroups.why", notNullValue());
    }

    @Test
    void the_last_recovery_is_told() {
        given().get("/api/v1/recovery")
                .then()
                .statusCode(200)
                .body("done", equalTo(true))
                .body("at", notNullValue());
    }

    @Test
    void the_status_page_renews_itself_without_script() {
        String page = given().get("/").then().statusCode(200).extract().asString();

        assertThat(page).contains("http-equiv=\"refresh\"").doesNotContain("<script");
    }

    @Test
    void the_api_is_described() {
        String description =
                given().get("/q/openapi").then().statusCode(200).extract().asString();

        assertThat(description)
                .contains("/api/v1/sessions/{id}", "submitSession", "cancelSession", "showRecovery", "bearer")
                .contains("SessionView", "bytesSentAgain", "SessionChange");
        assertThat(description).startsWith("---");
        given().accept(ContentType.JSON)
                .get("/q/openapi")
                .then()
                .statusCode(200)
                .contentType(ContentType.JSON)
                .body("info.title", equalTo("Holdfast"))
                .body("paths.size()", equalTo(8));
    }

    private RequestSpecification writer() {
        return given().header("Authorization", "Bearer " + token()).contentType(ContentType.JSON);
    }

    private String token() {
        try {
            return Files.readString(agent.stateDir().resolve("api.token")).strip();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String backup(String id) {
        return """
                {"kind": "backup", "id": "%s", "repository": "/nowhere/repository", "keyFile": "/nowhere/key",
                 "source": "/nowhere/at/all"}""".formatted(id);
    }
}
