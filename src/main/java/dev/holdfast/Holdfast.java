package dev.holdfast;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** Chooses by the first word what this process is. */
@QuarkusMain
public final class Holdfast {
    private Holdfast() {}

    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals("agent")) {
            Quarkus.run(args);
        }
    }
}
