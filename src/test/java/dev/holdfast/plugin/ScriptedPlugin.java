package dev.holdfast.plugin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A plugin process for tests that does what its first argument says when it is asked about an object. */
final class ScriptedPlugin {
    private ScriptedPlugin() {}

    public static void main(String[] args) throws Exception {
        Path socket = Path.of(System.getenv("PLUGIN_UNIX_SOCKET_DIR"), "plugin.sock");
        ItemAction action = new ItemAction() {
            private int asked;

            @Override
            public String name() {
                return "test/" + args[0];
            }

            @Override
            public Selector selector() {
                return Selector.resources("pods");
            }

            @Override
            public Answer ask(byte[] item, byte[] backup) throws PluginException {
                return behave(args);
            }

            @Override
            public Operation progress(String operation, byte[] backup) throws PluginException {
                if (!operation.equals("work")) {
                    throw new PluginException(PluginException.Code.REFUSED, "no operation " + operation);
                }
                return new Operation(asked++ > 0, "");
            }

            @Override
            public void cancel(String operation, byte[] backup) {
                System.err.println("canceled " + operation);
            }
        };
        PluginServer server = new PluginServer(List.of(action), "unused", socket);
        System.out.println(server.handshake());
        server.awaitShutdown();
    }

    private static Answer behave(String[] args) throws PluginException {
        try {
            switch (args[0]) {
                case "keep" -> {
                    return Answer.KEEP;
                }
                case "crash" -> {
                    System.err.println("out of ideas");
                    Runtime.getRuntime().halt(3);
                }
                case "crash-once" -> {
                    if (Files.notExists(Path.of(args[1]))) {
                        Files.createFile(Path.of(args[1]));
                        Runtime.getRuntime().halt(3);
                    }
                }
                case "hang" -> {
                    System.err.println("asked");
                    if (args.length > 1) {
                        Files.createFile(Path.of(args[1]));
                    }
                    Thread.sleep(Long.MAX_VALUE); // Never answers.
                }
                case "flood" -> {
                    for (int i = 0; i < 20_000; i++) {
                        System.err.println("line " + i + " " + "x".repeat(200));
                    }
                }
                case "fork" ->
                    new ProcessBuilder("setsid", "sh", "-c", "echo $$ > " + args[1] + "; sleep 1000").start();
                case "refuse" -> throw new PluginException(PluginException.Code.REFUSED, "I do not like this pod");
                case "operation" -> {
                    return new Answer(
                            new byte[0], List.of(), "work", List.of(new ItemId("", "secrets", "b", "result")));
                }
                case "large" -> {
                    return new Answer(new byte[Method.MESSAGE_BYTES_MAX + 1], List.of(), "", List.of());
                }
                default -> throw new IllegalArgumentException(args[0]);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return Answer.add(List.of(new ItemId("", "configmaps", "ns", "after")));
    }
}
