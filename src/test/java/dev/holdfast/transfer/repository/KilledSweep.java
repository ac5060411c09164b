package dev.holdfast.transfer.repository;

import dev.holdfast.transfer.TransferException;
import java.nio.file.Path;

/** Sweeps in a process of its own, for tests that kill it on the way. */
final class KilledSweep {
    private KilledSweep() {}

    public static void main(String[] args) throws TransferException {
        Path base = Path.of(args[0]);
        try (Repository repository = Repository.open(base.resolve("repository"), base.resolve("key"))) {
            repository.sweep();
        }
    }
}
