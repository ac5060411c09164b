package dev.holdfast.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is long or has no end on its way through the local gate: watches, large answers, tunnels. */
class LocalGateStreamTest {
    private static final String WATCH = "/api/v1/pods?watch=true";

    @TempDir
    Path directory;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static HttpRequest.Builder to(Door door, String path) {
        return HttpRequest.newBuilder(URI.create(door.server() + path)).timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<String> get(Door door, String path) throws IOException, InterruptedException {
        return http.send(to(door, path).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A child that is not ours, in front of a server that answers one address as the test says. */
    private record Child(StubApiServer server, KubeRig rig, Door door) implements AutoCloseable {
        static Child of(String address, HttpHandler answer) throws IOException, KubeException {
            StubApiServer server = new StubApiServer(1);
            server.on(address, answer);
            KubeRig rig = KubeRig.at(server, 500, 500);
            return new Child(server, rig, rig.kube.openDoor("velero"));
        }

        @Override
        public void close() throws IOException {
            try (server;
                    rig) {
                door.close();
            }
        }
    }

    private HttpResponse<InputStream> open(Child child, String path) throws IOException, InterruptedException {
        return http.send(to(child.door(), path).build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    @Test
    void a_watch_streams_and_ends_at_the_server_when_the_child_leaves() throws Exception {
        CountDownLatch next = new CountDownLatch(1);
        AtomicInteger ended = new AtomicInteger();
        HttpHandler watched = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            try {
                out.write("{\"type\":\"ADDED\"}\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
                next.await();
                while (true) {
                    out.write("{\"type\":\"MODIFIED\"}\n".getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    Thread.sleep(20); // A server that has news now and then, until nobody listens.
                }
            } catch (IOException | InterruptedException e) {
                ended.incrementAndGet();
            }
        };
        try (Child child = Child.of(WATCH, watched)) {
            InputStream in = open(child, WATCH).body();
            assertThat(new String(in.readNBytes(17), StandardCharsets.UTF_8)).isEqualTo("{\"type\":\"ADDED\"}\n");
            next.countDown();
            assertThat(new String(in.readNBytes(20), StandardCharsets.UTF_8)).isEqualTo("{\"type\":\"MODIFIED\"}\n");
            in.close();

            KubeRig.await("the end at the server", Duration.ofSeconds(5), () -> ended.get() == 1);
        }
    }

    @Test
    void fifty_watches_leave_room_for_requests() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger watching = new AtomicInteger();
        HttpHandler silent = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().flush();
            watching.incrementAndGet();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        try (Child child = Child.of(WATCH, silent)) {
            for (int i = 0; i < 50; i++) {
                http.sendAsync(to(child.door(), WATCH).build(), HttpResponse.BodyHandlers.ofInputStream());
            }
            KubeRig.await("fifty watches", Duration.ofSeconds(20), () -> watching.get() == 50);

            assertThat(get(child.door(), "/api/v1/nodes").statusCode()).isEqualTo(200);
            end.countDown();
        }
    }

    @Test
    void a_long_answer_is_sent_no_faster_than_the_child_reads() throws Exception {
        AtomicInteger blocks = new AtomicInteger();
        byte[] block = new byte[64 << 10];
        HttpHandler large = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 4800; i++) { // 300 MiB
                exchange.getResponseBody().write(block);
                blocks.incrementAndGet();
            }
        };
        try (Child child = Child.of("/api/v1/secrets", large)) {
            InputStream in = open(child, "/api/v1/secrets").body();
            assertThat(in.read()).isZero();
            Thread.sleep(1500); // Time in which a gate without back-pressure would have sent it all.
            Measured.say("local gate, slow reader: server had sent %d KiB of 307200", blocks.get() * 64);
            assertThat(blocks.get()).isLessThan(2400);
            in.close();
        }
    }

    @Test
    void an_answer_that_breaks_off_does_not_look_whole() throws Exception {
        HttpHandler dying = exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
            throw new IOException("the server dies");
        };
        try (Child child = Child.of("/api/v1/secrets", dying)) {
            assertThat(catchThrowable(() -> get(child.door(), "/api/v1/secrets")))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void exec_over_websocket_becomes_a_tunnel() throws Exception {
        try (ServerSocket fake = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> echo(fake));
            Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), """
                    apiVersion: v1
                    kind: Config
                    current-context: a
                    contexts: [{name: a, context: {cluster: a, user: a}}]
                    clusters: [{name: a, cluster: {server: "http://127.0.0.1:%d"}}]
                    users: [{name: a, user: {}}]
                    """.formatted(fake.getLocalPort()));
            Path own = Files.createDirectory(directory.resolve("own"));
            try (KubeRig rig = new KubeRig(own, KubeRig.Config.of(100, 100, kubeconfig), KubeObserver.NONE);
                    Door door = rig.kube.openDoor("velero");
                    Socket socket = new Socket(
                            InetAddress.getLoopbackAddress(), door.server().getPort())) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream()
                        .write(("GET " + door.server().getPath()
                                        + "/api/v1/namespaces/x/pods/p/exec?command=ls HTTP/1.1\r\n"
                                        + "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                        + "\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                String head = line(socket.getInputStream());
                assertThat(head).startsWith("HTTP/1.1 101");
                while (!head.isEmpty()) {
                    head = line(socket.getInputStream());
                }
                socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(line(socket.getInputStream())).isEqualTo("echo hello");
            }
        }
    }

    @Test
    void exec_over_spdy_is_refused_with_a_reason() throws Exception {
        try (StubApiServer server = new StubApiServer(1);
                KubeRig rig = KubeRig.at(server, 100, 100);
                Door door = rig.kube.openDoor("velero");
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), door.server().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("POST " + door.server().getPath() + "/api/v1/namespaces/x/pods/p/exec HTTP/1.1\r\n"
                                    + "Host: a\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
                                    + "Content-Length: 0\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));

            assertThat(line(socket.getInputStream())).startsWith("HTTP/1.1 501");
            assertThat(server.seen("/api/v1/namespaces/x/pods/p/exec")).isEmpty();
        }
    }

    /** Switches every upgrade, and says back what it is told; answers everything else with 404. */
    private static void echo(ServerSocket server) {
        while (true) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        String first = line(socket.getInputStream());
                        String head = first;
                        while (!head.isEmpty()) {
                            head = line(socket.getInputStream());
                        }
                        OutputStream out = socket.getOutputStream();
                        if (!first.contains("/exec")) {
                            out.write("HTTP/1.1 404 no\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                            return;
                        }
                        out.write("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                        String said = line(socket.getInputStream());
                        out.write(("echo " + said + "\n").getBytes(StandardCharsets.US_ASCII));
                        line(socket.getInputStream());
                    } catch (IOException e) {
                        return; // Gone.
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
