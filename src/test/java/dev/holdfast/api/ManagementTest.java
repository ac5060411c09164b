package dev.holdfast.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import dev.holdfast.agent.TemporaryState;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@WithTestResource(value = TemporaryState.class, scope = TestResourceScope.GLOBAL)
class ManagementTest {
    @TestHTTPResource(value = "/", management = true)
    URI management = URI.create("http://127.0.0.1");

    @ParameterizedTest
    @CsvSource({"live,sessions", "ready,recovered", "started,recovery"})
    void health_is_up_once_recovery_is_done(String probe, String check) {
        given().get(management.resolve("/q/health/" + probe))
                .then()
                .statusCode(200)
                .body("status", equalTo("UP"))
                .body("checks.name", hasItem(check));
    }

    @Test
    void every_metric_of_ours_is_documented_and_every_documented_one_is_there() throws IOException {
        String served = given().accept("text/plain")
                .get(management.resolve("/q/metrics"))
                .then()
                .statusCode(200)
                .extract()
                .asString();
        TreeSet<String> names = served.lines()
                .filter(line -> line.startsWith("# TYPE holdfast_"))
                .map(line -> line.split(" ", -1)[2])
                .filter(name -> !name.endsWith("_max"))
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> documented = Files.readAllLines(Path.of("docs/metrics.md")).stream()
                .filter(line -> line.startsWith("| `holdfast_"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .toList();

        assertThat(names).containsExactlyInAnyOrderElementsOf(documented);
    }

    @Test
    void the_api_is_not_on_the_management_port() {
        given().get(management.resolve("/api/v1/sessions")).then().statusCode(404);
    }
}
