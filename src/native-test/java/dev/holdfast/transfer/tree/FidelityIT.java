package dev.holdfast.transfer.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.processes.Packaged;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** The packaged program backs up and restores, in the poorest of locales. */
class FidelityIT extends FidelityContract {
    private static final Map<String, String> POSIX_LOCALE = Map.of("LC_ALL", "POSIX", "LANG", "POSIX");

    @BeforeEach
    void make_repository() throws Exception {
        holdfast("init", path("repository"));
    }

    @Override
    void copy() throws Exception {
        holdfast("backup", source.toString(), "--standalone", "-r", path("repository"), "--state-dir", path("state"));
        holdfast(
                "restore",
                "latest",
                "--to",
                target.toString(),
                "--standalone",
                "-r",
                path("repository"),
                "--state-dir",
                path("state"));
    }

    private String path(String name) {
        return Path.of(temp.toString(), name).toString();
    }

    private static void holdfast(String... arguments) throws Exception {
        Packaged.Ended ended = Packaged.run(POSIX_LOCALE, arguments);
        assertThat(ended.exit()).as(ended.output()).isZero();
    }
}
