package dev.holdfast.mover.worker;

import dev.holdfast.transfer.Transfer;
import java.nio.file.Path;

/**
 * First method of a mover process. Arguments: the mover's directory, with or without the word {@code mover} before it.
 * Exit codes: 0 completed or stopped with a checkpoint, 3 canceled, 1 failed; the truth is in the result file.
 */
public final class WorkerMain {
    /** Exit code of wrong arguments. */
    private static final int USAGE = 2;

    private WorkerMain() {}

    public static void main(String[] args) {
        run(args, Transfer::run);
    }

    /** For tests: with another transfer. */
    static void run(String[] args, TransferRunner transfer) {
        if (args.length == 0 || args.length > 2 || (args.length == 2 && !args[0].equals("mover"))) {
            Runtime.getRuntime().halt(USAGE);
        }
        int code = new Worker(Path.of(args[args.length - 1]), transfer).run();
        // No hooks, no waiting for threads: all that counts is on the disk.
        Runtime.getRuntime().halt(code);
    }
}
