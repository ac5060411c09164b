package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import org.junit.jupiter.api.Test;

/** The rule that keeps all requests in one budget would notice who breaks it. */
class OneClientRuleTest {
    static final class OwnClient {
        KubernetesClient make() {
            return new KubernetesClientBuilder().build();
        }
    }

    static final class OwnTransport {
        HttpClient make() {
            return new VertxHttpClientFactory().newBuilder().build();
        }
    }

    @Test
    void a_client_made_elsewhere_is_found() {
        var stranger = new ClassFileImporter().importClasses(OwnClient.class);

        assertThat(ArchitectureTest.ONE_CLIENT.evaluate(stranger).hasViolation())
                .isTrue();
    }

    @Test
    void connections_made_elsewhere_are_found() {
        var stranger = new ClassFileImporter().importClasses(OwnTransport.class);

        assertThat(ArchitectureTest.ONE_TRANSPORT.evaluate(stranger).hasViolation())
                .isTrue();
    }
}
