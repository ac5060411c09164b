package dev.holdfast.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A child of the agent that asks as much as it is let, for ever, but not while a file is there. Its name is in the
 * address, for the server to count. Arguments: name, and the file if there is one.
 */
final class BusyChild {
    private BusyChild() {}

    public static void main(String[] args) throws Exception {
        Path pause = args.length > 1 ? Path.of(args[1]) : null;
        run(System.getenv(), args[0], pause, () -> System.out.println("ready"));
    }

    /** Until the thread is interrupted. */
    static void run(Map<String, String> environment, String name, @Nullable Path pause, Runnable ready)
            throws Exception {
        try (KubeChild kube = KubeChild.connect(environment, name)) {
            ready.run();
            ask(kube.client(Lane.BACKUP), name, pause);
        }
    }

    /** One in this process. */
    static AutoCloseable start(Map<String, String> environment, String name, @Nullable Path pause) {
        return untilClosed(() -> {
            try {
                run(environment, name, pause, () -> {});
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    /** The agent itself, in a thread. */
    static AutoCloseable start(Kube kube, String name, @Nullable Path pause) {
        return untilClosed(() -> ask(kube, name, pause));
    }

    private static AutoCloseable untilClosed(Runnable work) {
        Thread thread = Thread.ofVirtual().start(work);
        return () -> {
            thread.interrupt();
            thread.join();
        };
    }

    /** The agent itself, until the thread is interrupted. */
    private static void ask(Kube kube, String name, @Nullable Path pause) {
        try {
            ask(kube.client(Lane.BACKUP), name, pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (KubeException e) {
            throw new AssertionError(e);
        }
    }

    private static void ask(KubernetesClient client, String name, @Nullable Path pause) throws InterruptedException {
        HttpClient http = client.getHttpClient();
        String address = client.getMasterUrl() + "busy/" + name;
        Semaphore open = new Semaphore(40);
        while (true) {
            open.acquire();
            while (pause != null && Files.exists(pause)) {
                Thread.sleep(2); // Between two looks.
            }
            http.sendAsync(http.newHttpRequestBuilder().uri(address).build(), byte[].class)
                    .whenComplete((_, _) -> open.release());
        }
    }
}
