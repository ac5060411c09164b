package dev.holdfast.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.linux.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real kube-apiserver with etcd, for one test class that {@linkplain KubeExecutables needs its executables}. Its
 * audit log has every request that arrived.
 */
public final class RealCluster implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOKEN = "token-of-the-administrator";
    private static final String TOKEN_FOR_OBJECTS = "token-of-the-agent-for-objects";
    private static final String ACCOUNT_FOR_OBJECTS = "system:serviceaccount:holdfast:holdfast-objects";

    private final Path directory;
    private final List<Process> processes = new ArrayList<>();
    private final int port;

    private RealCluster(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    /** Starts one and waits until it is ready. */
    public static RealCluster start(String... flags) throws IOException, InterruptedException {
        Path executables = KubeExecutables.folder();
        Path directory = Files.createTempDirectory("hfk8s");
        List<Integer> ports = FreePorts.find(3);
        int client = ports.get(0);
        int peer = ports.get(1);
        int port = ports.get(2);
        RealCluster cluster = new RealCluster(directory, port);
        try {
            cluster.prepare();
            cluster.run(
                    "etcd",
                    List.of(
                            executables.resolve("etcd").toString(),
                            "--data-dir=" + directory.resolve("etcd"),
                            "--unsafe-no-fsync",
                            "--listen-client-urls=http://127.0.0.1:" + client,
                            "--advertise-client-urls=http://127.0.0.1:" + client,
                            "--listen-peer-urls=http://127.0.0.1:" + peer,
                            "--initial-advertise-peer-urls=http://127.0.0.1:" + peer,
                            "--initial-cluster=default=http://127.0.0.1:" + peer));
            List<String> server = new ArrayList<>(List.of(
                    executables.resolve("kube-apiserver").toString(),
                    "--etcd-servers=http://127.0.0.1:" + client,
                    "--bind-address=127.0.0.1",
                    "--secure-port=" + port,
                    "--cert-dir=" + directory.resolve("certs"),
                    "--advertise-address=192.0.2.1",
                    "--endpoint-reconciler-type=none",
                    "--service-cluster-ip-range=10.0.0.0/24",
                    "--service-account-issuer=https://127.0.0.1:" + port + "/",
                    "--service-account-key-file=" + directory.resolve("sa.key"),
                    "--service-account-signing-key-file=" + directory.resolve("sa.key"),
                    "--authorization-mode=RBAC",
                    "--token-auth-file=" + directory.resolve("tokens.csv"),
                    "--disable-admission-plugins=ServiceAccount",
                    "--audit-policy-file=" + directory.resolve("audit.yaml"),
                    "--audit-log-path=" + directory.resolve("audit.log"),
                    "--audit-log-mode=blocking"));
            server.addAll(List.of(flags));
            cluster.run("kube-apiserver", server);
            cluster.awaitReady();
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private void prepare() throws IOException, InterruptedException {
        Process key = new ProcessBuilder(
                        "openssl", "genrsa", "-out", directory.resolve("sa.key").toString(), "2048")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("openssl.log").toFile())
                .start();
        if (key.waitFor() != 0) {
            throw new IOException("openssl genrsa failed");
        }
        Files.writeString(
                directory.resolve("tokens.csv"), """
                %s,admin,admin,"system:masters"
                %s,%s,objects,"system:serviceaccounts,system:authenticated"
                """.formatted(TOKEN, TOKEN_FOR_OBJECTS, ACCOUNT_FOR_OBJECTS));
        Files.writeString(directory.resolve("audit.yaml"), """
                apiVersion: audit.k8s.io/v1
                kind: Policy
                omitStages: [RequestReceived]
                rules: [{level: Metadata}]
                """);
        writeKubeconfig(kubeconfig(), TOKEN);
        writeKubeconfig(kubeconfigForObjects(), TOKEN_FOR_OBJECTS);
    }

    private void writeKubeconfig(Path file, String token) throws IOException {
        Files.writeString(file, """
                apiVersion: v1
                kind: Config
                current-context: test
                contexts: [{name: test, context: {cluster: test, user: user}}]
                clusters: [{name: test, cluster: {server: "https://127.0.0.1:%d", certificate-authority: "%s"}}]
                users: [{name: user, user: {token: "%s"}}]
                """.formatted(port, directory.resolve("certs/apiserver.crt"), token));
    }

    private void run(String name, List<String> command) throws IOException {
        processes.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile())
                .start());
    }

    private void awaitReady() throws IOException, InterruptedException {
        long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (System.nanoTime() < end) {
            for (Process process : processes) {
                if (!process.isAlive()) {
                    throw new IOException(
                            "the API server ended: " + Files.readString(directory.resolve("kube-apiserver.log")));
                }
            }
            Process curl = new ProcessBuilder(
                            "curl",
                            "-s",
                            "-o",
                            "/dev/null",
                            "-w",
                            "%{http_code}",
                            "--noproxy",
                            "*",
                            "-k",
                            "-H",
                            "Authorization: Bearer " + TOKEN,
                            "https://127.0.0.1:" + port + "/readyz")
                    .start();
            String code = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (curl.waitFor() == 0 && code.equals("200")) {
                return;
            }
            Thread.sleep(100); // Between two questions; each starts a process.
        }
        throw new IOException("the API server is not ready after 3 min");
    }

    public Path kubeconfig() {
        return directory.resolve("kubeconfig");
    }

    /** Of the service account of {@code kubernetes/components/objects}, which may do nothing before it has its role. */
    public Path kubeconfigForObjects() {
        return directory.resolve("kubeconfig-objects");
    }

    /** What arrived at the server from clients whose User-Agent begins so. */
    public List<JsonNode> audited(String agent) throws IOException {
        List<JsonNode> found = new ArrayList<>();
        for (String line : Files.readAllLines(directory.resolve("audit.log"))) {
            JsonNode event = JSON.readTree(line);
            if (event.path("userAgent").asText().startsWith(agent)) {
                found.add(event);
            }
        }
        return found;
    }

    /** As {@link #audited}, from that time on: each request once, in the order of arrival; none of the server's own. */
    public List<JsonNode> arrived(String agent, Instant from) throws IOException {
        Set<String> known = new HashSet<>();
        return audited(agent).stream()
                .filter(event -> !arrival(event).isBefore(from))
                .filter(event -> !event.path("userAgent").asText().startsWith("kube-apiserver/"))
                .filter(event -> known.add(event.path("auditID").asText()))
                .sorted(Comparator.comparing(RealCluster::arrival))
                .toList();
    }

    /** When that request came, by the clock of this machine. */
    public static Instant arrival(JsonNode event) {
        return Instant.parse(event.path("requestReceivedTimestamp").asText());
    }

    /** Whether that request asked what the server has. */
    public static boolean discovery(JsonNode event) {
        return event.path("requestURI").asText().matches("(/api(/v1)?|/apis(/[^/?]+){0,2})([?].*)?");
    }

    /** How that request was answered. */
    public static int status(JsonNode event) {
        return event.path("responseStatus").path("code").asInt();
    }

    @Override
    public void close() {
        for (int i = processes.size() - 1; i >= 0; i--) {
            Process process = processes.get(i);
            process.destroy();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
