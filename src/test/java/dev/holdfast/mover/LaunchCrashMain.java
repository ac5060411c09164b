package dev.holdfast.mover;

import java.nio.file.Path;

/** An agent that is to die at the failpoint named by the property. Argument: directory of the bench. */
final class LaunchCrashMain {
    private LaunchCrashMain() {}

    public static void main(String[] args) throws Exception {
        MoverBench bench = new MoverBench(Path.of(args[0]));
        ProcessMovers movers = new ProcessMovers(bench.settings());
        movers.launch(bench.order("steady", 1));
        Runtime.getRuntime().halt(0);
    }
}
