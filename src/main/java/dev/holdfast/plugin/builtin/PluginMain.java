package dev.holdfast.plugin.builtin;

import dev.holdfast.kube.Kube;
import dev.holdfast.kube.KubeChild;
import dev.holdfast.plugin.ItemAction;
import dev.holdfast.plugin.PluginServer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * First method of {@code holdfast plugin}. What a host adds to the command line, such as {@code --log-level}, is passed
 * over. Standard output carries the handshake and nothing else; messages go to standard error, which is the host's log.
 */
public final class PluginMain {
    private static final int FAILED = 1;
    private static final String COOKIE = "VELERO_PLUGIN";

    private PluginMain() {}

    /** Does not return: ends the process. */
    public static void main() {
        Runtime.getRuntime().halt(run(System.getenv()));
    }

    private static int run(Map<String, String> environment) {
        if (!"hello".equals(environment.get(COOKIE))) {
            System.err.println("holdfast: `plugin` is started by a backup, not by people: it serves over a socket to a"
                    + " host that sets " + COOKIE + "; see `holdfast objects --help`");
            return FAILED;
        }
        Path directory = null;
        String given = environment.getOrDefault("PLUGIN_UNIX_SOCKET_DIR", "");
        try (KubeChild cluster = KubeChild.connect(environment, Kube.PLUGIN + "holdfast")) {
            directory = given.isEmpty() ? Files.createTempDirectory("holdfast-plugin") : Path.of(given);
            Path socket = directory.resolve("plugin-" + ProcessHandle.current().pid() + ".sock");
            List<ItemAction> actions = List.of(
                    new PodAction(),
                    new ClaimAction(),
                    new ServiceAccountAction(new Bindings(cluster)),
                    new CustomResourceAction(cluster));
            PluginServer server = new PluginServer(actions, command(environment), socket);
            // A host that died cannot tell us to end.
            ProcessHandle.current().parent().ifPresent(host -> host.onExit().thenRun(server::stop));
            print(server.handshake());
            server.awaitShutdown();
            Files.deleteIfExists(socket);
            if (given.isEmpty()) {
                Files.deleteIfExists(directory);
            }
            return 0;
        } catch (IOException e) {
            System.err.println("serve the plugins in " + directory + ": " + e.getMessage());
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    /** What Velero is to start to get this process; a script that runs {@code holdfast plugin} names itself. */
    private static String command(Map<String, String> environment) {
        String told = environment.get("HOLDFAST_PLUGIN_COMMAND");
        return told == null ? ProcessHandle.current().info().command().orElse("holdfast") : told;
    }

    /** Standard output stays open: hosts read it to its end. */
    private static void print(String line) throws IOException {
        new FileOutputStream(FileDescriptor.out).write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    }
}
