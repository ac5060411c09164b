package dev.holdfast;

import dev.holdfast.agent.AgentMain;
import dev.holdfast.cli.HoldfastCli;
import dev.holdfast.mover.worker.WorkerMain;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.Arrays;

/** Chooses by the first word what this process is. Only the agent starts Quarkus; the others are at work at once. */
@QuarkusMain
public final class Holdfast {
    private Holdfast() {}

    public static void main(String[] args) {
        switch (args.length == 0 ? "" : args[0]) {
            case "agent" when args.length == 1 -> AgentMain.run();
            case "mover" when args.length == 2 -> WorkerMain.main(Arrays.copyOfRange(args, 1, args.length));
            default -> HoldfastCli.main(args); // `agent` and `mover` too, to explain themselves or refuse what follows.
        }
    }
}
