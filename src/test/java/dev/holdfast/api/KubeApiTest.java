package dev.holdfast.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.holdfast.agent.TemporaryState;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The request budget as the API shows and changes it, without a cluster. */
@QuarkusTest
@WithTestResource(value = TemporaryState.class, scope = TestResourceScope.GLOBAL)
class KubeApiTest {
    @Inject
    AgentState agent;

    private RequestSpecification authorized() throws IOException {
        String token = Files.readString(agent.stateDir().resolve("api.token"));
        return given().header("Authorization", "Bearer " + token.strip()).contentType(ContentType.JSON);
    }

    @AfterEach
    void reset() throws IOException {
        authorized().delete("/api/v1/kube/budget").then().statusCode(200);
    }

    @Test
    void without_a_cluster_there_is_a_budget_and_no_discovery() {
        given().get("/api/v1/kube")
                .then()
                .statusCode(200)
                .body("configured", equalTo(false))
                .body("budget.text", equalTo("100/100"))
                .body("budget.source", equalTo("built in"))
                .body("discovery.ageSeconds", equalTo(-1));
    }

    @Test
    void a_live_value_is_in_force_until_it_is_taken_back() throws IOException {
        authorized()
                .body("{\"qps\": 40, \"burst\": 60}")
                .put("/api/v1/kube/budget")
                .then()
                .statusCode(200)
                .body("budget.text", equalTo("40/60"))
                .body("budget.inForce", equalTo("40/60"))
                .body("budget.source", equalTo("live"));
        given().get("/").then().statusCode(200).body(containsString("<b>40/60</b> from live"));
        authorized()
                .delete("/api/v1/kube/budget")
                .then()
                .statusCode(200)
                .body("budget.text", equalTo("100/100"))
                .body("budget.source", equalTo("built in"));
    }

    @Test
    void a_change_without_the_token_is_refused() {
        given().contentType(ContentType.JSON)
                .body("{\"qps\": 40}")
                .put("/api/v1/kube/budget")
                .then()
                .statusCode(401);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"qps": 0}                | qps is 0: allowed is more than 0 to 10000, or -1 for no limit
            {"burst": 0}              | burst is 0
            {"qps": "many"}           | "qps"
            {"qps": 50, "brust": 60}  | unknown field "brust"
            {}                        | one of the fields "qps" and "burst" is needed
            """)
    void a_budget_that_makes_no_sense_is_refused_and_changes_nothing(String order, String why) throws IOException {
        authorized()
                .body(order)
                .put("/api/v1/kube/budget")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("detail", containsString(why));
        given().get("/api/v1/kube").then().body("budget.text", equalTo("100/100"));
    }
}
