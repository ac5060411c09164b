package dev.holdfast.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.notNullValue;

import dev.holdfast.agent.TemporaryState;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.repository.Repository;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way: REST, session, mover process, repository, and back. */
@QuarkusTest
@WithTestResource(value = TemporaryState.class, scope = TestResourceScope.GLOBAL)
class BackupApiTest {
    @Inject
    AgentState agent;

    @TempDir
    Path directory;

    @Test
    void a_directory_goes_into_the_repository_and_comes_back() throws IOException, TransferException {
        Path source = Files.createDirectories(directory.resolve("source/inner"));
        Files.writeString(source.resolve("greeting"), "hello");
        Repository.init(directory.resolve("repository"), directory.resolve("key"))
                .close();

        submit("there", "\"kind\": \"backup\", \"source\": \"" + directory.resolve("source") + "\"");
        SessionPoll.ended("there")
                .body("failure", equalTo(null))
                .body("outcome", equalTo("completed"))
                .body("snapshot", notNullValue())
                .body("start", equalTo("FRESH"))
                .body("token", notNullValue())
                .body("progress.bytesDone", greaterThan(0));
        submit("back", "\"kind\": \"restore\", \"target\": \"" + directory.resolve("target") + "\"");
        SessionPoll.ended("back").body("failure", equalTo(null)).body("outcome", equalTo("completed"));

        assertThat(directory.resolve("target/inner/greeting")).hasContent("hello");
    }

    private void submit(String id, String what) throws IOException {
        String shape = "{'id': '%s', 'repository': '%s', 'keyFile': '%s', %s}".replace('\'', '"');
        String body = shape.formatted(id, directory.resolve("repository"), directory.resolve("key"), what);
        given().header(
                        "Authorization",
                        "Bearer "
                                + Files.readString(agent.stateDir().resolve("api.token"))
                                        .strip())
                .contentType(ContentType.JSON)
                .body(body)
                .post("/api/v1/sessions")
                .then()
                .statusCode(201);
    }
}
