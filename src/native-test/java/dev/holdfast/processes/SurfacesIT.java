package dev.holdfast.processes;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;

import io.restassured.http.ContentType;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an agent answers to people, probes and scripts. */
class SurfacesIT {
    private static Workspace workspace;
    private static AgentProcess agent;

    @BeforeAll
    static void start() {
        workspace = new Workspace();
        agent = AgentProcess.start(workspace, Map.of("LC_ALL", "POSIX"));
        Figures.say("agent ready after " + agent.ready().toMillis() + " ms");
    }

    @AfterAll
    static void end() throws IOException {
        workspace.close();
    }

    @Test
    void health_is_up_with_a_check_for_each_probe() {
        for (String probe : new String[] {"live", "ready", "started"}) {
            given().get(agent.management("/q/health/" + probe))
                    .then()
                    .statusCode(200)
                    .body("status", equalTo("UP"))
                    .body("checks.status", everyItem(equalTo("UP")))
                    .body(
                            "checks.name",
                            hasItem(Map.of("live", "sessions", "ready", "recovered", "started", "recovery")
                                    .get(probe)));
        }
    }

    @Test
    void metrics_are_there_ours_and_those_of_the_process() {
        String metrics = given().accept("text/plain")
                .get(agent.management("/q/metrics"))
                .then()
                .statusCode(200)
                .extract()
                .asString();
        assertThat(metrics).contains("# TYPE holdfast_sessions_recovered_total counter", "process_uptime_seconds");
    }

    @Test
    void the_status_page_is_a_page_and_the_api_is_described() {
        given().get(agent.address("/"))
                .then()
                .statusCode(200)
                .contentType(ContentType.HTML)
                .body(containsString("<title>"));
        given().accept(ContentType.JSON)
                .get(agent.address("/q/openapi"))
                .then()
                .statusCode(200)
                .body("paths", hasKey("/api/v1/sessions"));
    }

    @Test
    void what_cannot_be_done_is_a_problem_document() {
        given().contentType(ContentType.JSON)
                .body("{}")
                .post(agent.address("/api/v1/sessions"))
                .then()
                .statusCode(401)
                .contentType("application/problem+json")
                .body("code", equalTo("UNAUTHORIZED"));
        given().header("Authorization", "Bearer " + agent.token())
                .contentType(ContentType.JSON)
                .body("{\"kind\":\"backup\",\"sorce\":\"/\"}")
                .post(agent.address("/api/v1/sessions"))
                .then()
                .statusCode(400)
                .body("detail", containsString("unknown field \"sorce\""));
        given().get(agent.address("/api/v1/sessions/nobody"))
                .then()
                .statusCode(404)
                .body("code", equalTo("SESSION_UNKNOWN"));
    }

    @Test
    void the_agent_says_who_it_is() {
        given().get(agent.address("/api/v1/agent"))
                .then()
                .statusCode(200)
                .body("pid", equalTo((int) agent.pid()))
                .body("stateDir", equalTo(workspace.path("state").toString()));
    }

    @Test
    void the_command_line_asks_the_agent_and_the_machine() throws Exception {
        Map<String, String> environment =
                Map.of("HOLDFAST_AGENT", agent.address("").toString());
        Ran sessions = holdfast(environment, "sessions", "--json");
        assertThat(sessions.exit()).as(sessions.err()).isZero();

        Ran doctor = holdfast(environment, "doctor", "--json");
        assertThat(doctor.exit()).as(doctor.err()).isZero();
        assertThat(doctor.out())
                .contains("\"SHA-256\"", "\"AES-256-GCM\"", "MB/s", "pid " + agent.pid())
                .contains(Boolean.getBoolean("holdfast.native") ? "native executable" : "JVM");

        assertThat(holdfast(environment, "no-such-verb").exit()).isEqualTo(2);
    }

    private static Ran holdfast(Map<String, String> environment, String... arguments) throws Exception {
        return Ran.command(workspace, environment, Packaged.command(arguments));
    }
}
