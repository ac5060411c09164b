package dev.holdfast.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.nullValue;

import dev.holdfast.agent.TemporaryState;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Backups of objects as the API takes them in; without a cluster each of them fails. */
@QuarkusTest
@WithTestResource(value = TemporaryState.class, scope = TestResourceScope.GLOBAL)
class ObjectApiTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Inject
    AgentState agent;

    @TempDir
    Path directory;

    @Test
    void without_a_cluster_a_backup_fails_and_says_so_and_leaves_no_file() throws IOException {
        String id = authorized()
                .body("{\"file\": \"" + directory.resolve("a.tar.gz") + "\", \"name\": \"nightly\"}")
                .post("/api/v1/objects")
                .then()
                .statusCode(201)
                .header("Location", containsString("/api/v1/objects/objects-"))
                .body("name", equalTo("nightly"))
                .extract()
                .path("id");

        ended(id)
                .body("phase", equalTo("ended"))
                .body("outcome", equalTo("failed"))
                .body("failure.code", equalTo("CLUSTER"))
                .body("failure.message", containsString("there is no Kubernetes cluster here"))
                .body("report", nullValue())
                .body("file", equalTo(directory.resolve("a.tar.gz").toString()));
        given().get("/api/v1/objects").then().statusCode(200).body("id", hasItem(id));
        authorized().delete("/api/v1/objects/" + id).then().statusCode(202).body("outcome", equalTo("failed"));
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void a_backup_without_the_token_is_refused() {
        given().contentType(ContentType.JSON)
                .body("{\"file\": \"/tmp/a.tar.gz\"}")
                .post("/api/v1/objects")
                .then()
                .statusCode(401);
    }

    @Test
    void an_unknown_backup_is_not_found() {
        given().get("/api/v1/objects/objects-none")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("code", equalTo("BACKUP_UNKNOWN"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                              | exactly one of the fields "file" and "repository"
            {"file": "/a", "repository": "/r"}              | exactly one of the fields "file" and "repository"
            {"file": "a.tar.gz"}                            | field "file" is "a.tar.gz": an absolute path is needed
            {"file": "/"}                                   | an absolute path is needed
            {"file": "/a", "keyFile": "/k"}                 | field "keyFile" has no meaning
            {"repository": "/r"}                            | field "keyFile" is missing
            {"file": "/a", "name": "A b"}                   | field "name" is "A b"
            {"file": "/a", "clusterScope": "some"}          | auto, all or none
            {"file": "/a", "namespaces": ["a/b"]}           | field "namespaces": "a/b" is no name
            {"file": "/a", "resources": [null]}             | field "resources": "null" is no name
            {"file": "/a", "lables": "app=web"}             | unknown field "lables"
            """)
    void an_order_that_cannot_be_meant_is_refused(String order, String why) throws IOException {
        authorized()
                .body(order)
                .post("/api/v1/objects")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("detail", containsString(why));
    }

    private RequestSpecification authorized() throws IOException {
        String token = Files.readString(agent.stateDir().resolve("api.token"));
        return given().header("Authorization", "Bearer " + token.strip()).contentType(ContentType.JSON);
    }

    private static ValidatableResponse ended(String id) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            ValidatableResponse backup =
                    given().get("/api/v1/objects/" + id).then().statusCode(200);
            if (backup.extract().path("outcome") != null) {
                return backup;
            }
            assertThat(System.nanoTime()).as(backup.extract().asString()).isLessThan(end);
            LockSupport.parkNanos(20_000_000);
        }
    }
}
