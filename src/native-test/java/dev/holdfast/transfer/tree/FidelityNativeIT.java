package dev.holdfast.transfer.tree;

import dev.holdfast.processes.Workspace;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The native executable makes the copies. {@link RoundTripTest} has the same classes make them in its own process: a
 * start of a JVM for each command would take a minute.
 */
class FidelityNativeIT extends FidelityContract {
    /** With one repository for all copies. */
    private static Workspace copies;

    @BeforeAll
    static void make_repository() throws Exception {
        copies = new Workspace();
        FidelityIT.holdfast(copies, "init", copies.path("repository").toString());
    }

    @AfterAll
    static void remove_repository() throws Exception {
        copies.close();
    }

    @Override
    void copy() throws Exception {
        String repository = copies.path("repository").toString();
        FidelityIT.holdfast(copies, "backup", source.toString(), "--standalone", "-r", repository);
        FidelityIT.holdfast(
                copies, "restore", "latest:" + source, "--to", target.toString(), "--standalone", "-r", repository);
    }
}
