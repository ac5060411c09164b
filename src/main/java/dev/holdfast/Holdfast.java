package dev.holdfast;

import dev.holdfast.agent.AgentMain;
import dev.holdfast.cli.HoldfastCli;
import dev.holdfast.mover.worker.WorkerMain;
import dev.holdfast.plugin.builtin.PluginMain;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.List;

/** Chooses by the first word what this process is. Only the agent starts Quarkus; the others are at work at once. */
@QuarkusMain
public final class Holdfast {
    private Holdfast() {}

    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals("agent") && AgentMain.settings(args)) {
            AgentMain.run();
        } else if (args.length == 2 && args[0].equals("mover") && !args[1].startsWith("-")) {
            WorkerMain.main(args);
        } else if (args.length > 0 && args[0].equals("plugin") && !List.of(args).contains("--help")) {
            PluginMain.main(); // Hosts add options of their own.
        } else {
            HoldfastCli.main(args); // `agent` and `mover` too, to explain themselves or refuse what follows.
        }
    }
}
