package dev.holdfast.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import java.util.Map;
import java.util.concurrent.Semaphore;

/** A child of the agent that asks as much as it is let, for ever. Its name is in the address, for the stub to count. */
final class BusyChild {
    private BusyChild() {}

    public static void main(String[] args) throws Exception {
        run(System.getenv(), args[0], () -> System.out.println("ready"));
    }

    /** Until the thread is interrupted. */
    static void run(Map<String, String> environment, String name, Runnable ready) throws Exception {
        try (KubeChild kube = KubeChild.connect(environment, name)) {
            ready.run();
            ask(kube.client(Lane.BACKUP), name);
        }
    }

    /** The agent itself, until the thread is interrupted. */
    static void ask(Kube kube, String name) {
        try {
            ask(kube.client(Lane.BACKUP), name);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (KubeException e) {
            throw new AssertionError(e);
        }
    }

    private static void ask(KubernetesClient client, String name) throws InterruptedException {
        HttpClient http = client.getHttpClient();
        String address = client.getMasterUrl() + "busy/" + name;
        Semaphore open = new Semaphore(40);
        while (true) {
            open.acquire();
            http.sendAsync(http.newHttpRequestBuilder().uri(address).build(), byte[].class)
                    .whenComplete((_, _) -> open.release());
        }
    }
}
