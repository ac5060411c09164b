package dev.holdfast.transfer.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.processes.Packaged;
import dev.holdfast.processes.Ran;
import dev.holdfast.processes.Workspace;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The packaged program backs up and restores, in the poorest of locales. */
class FidelityIT extends FidelityContract {
    private static final Map<String, String> POSIX_LOCALE = Map.of("LC_ALL", "POSIX", "LANG", "POSIX");

    @Override
    void copy() throws Exception {
        try (Workspace workspace = new Workspace()) {
            String repository = workspace.path("repository").toString();
            holdfast(workspace, "init", repository);
            holdfast(workspace, "backup", source.toString(), "--standalone", "-r", repository);
            holdfast(workspace, "restore", "latest", "--to", target.toString(), "--standalone", "-r", repository);
        }
    }

    private static void holdfast(Workspace workspace, String... arguments) throws Exception {
        Path state = workspace.path("state");
        Map<String, String> environment = new HashMap<>(POSIX_LOCALE);
        environment.put("HOLDFAST_STATE_DIR", state.toString());
        Ran ran = Ran.command(workspace, environment, Packaged.command(arguments));
        assertThat(ran.exit()).as(ran.err()).isZero();
    }
}
