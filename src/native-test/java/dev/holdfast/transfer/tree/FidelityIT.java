package dev.holdfast.transfer.tree;

import static dev.holdfast.transfer.tree.Trees.POSIX;
import static dev.holdfast.transfer.tree.Trees.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.processes.Nobody;
import dev.holdfast.processes.Packaged;
import dev.holdfast.processes.Ran;
import dev.holdfast.processes.Workspace;
import dev.holdfast.transfer.os.Flag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The packaged program backs up and restores, in the poorest of locales. */
class FidelityIT extends FidelityRig {
    private static final Map<String, String> POSIX_LOCALE = Map.of("LC_ALL", "POSIX", "LANG", "POSIX");

    @Test
    void a_tree_of_many_kinds_comes_back() throws Exception {
        file(new byte[] {'n', (byte) 0xff, '\n', (byte) 0xc3}, bytes("name of no encoding"));
        file("sparse", "end");
        int sparse = POSIX.openat(fd, bytes("sparse"), Flag.O_RDWR, 0);
        POSIX.ftruncate(sparse, 40 << 20);
        POSIX.close(sparse);
        POSIX.linkat(fd, bytes("sparse"), fd, bytes("second"));
        POSIX.symlinkat(bytes("nowhere"), fd, bytes("link"));
        POSIX.mknodat(fd, bytes("fifo"), Flag.S_IFIFO | 0640, 0);
        POSIX.mkdirat(fd, bytes("empty"), 01777);
        try (Workspace workspace = new Workspace()) {
            String repository = workspace.path("repository").toString();
            holdfast(workspace, "init", repository);
            holdfast(workspace, "backup", source.toString(), "--standalone", "-r", repository);
            holdfast(workspace, "restore", "latest", "--to", target.toString(), "--standalone", "-r", repository);
        }
        assertThat(Trees.describe(target)).isEqualTo(Trees.describe(source));
    }

    @Test
    void what_an_ordinary_user_may_not_restore_is_named_once_for_each_kind() throws Exception {
        Nobody.assume();
        List<String> told = new ArrayList<>(List.of("set owner", "set security.capability"));
        file("owned", "x");
        POSIX.fchownat(fd, bytes("owned"), OTHER, OTHER);
        file("capable", "x");
        POSIX.lsetxattr(fd, bytes("capable"), bytes("security.capability"), Trees.netBindService());
        if (mayMakeDevices()) {
            POSIX.mknodat(fd, bytes("device"), Flag.S_IFCHR | 0666, DEVICE);
            told.add("/device");
        }
        try (Workspace workspace = new Workspace()) {
            String repository = workspace.path("repository").toString();
            String key = workspace.path("key").toString();
            holdfast(workspace, "init", repository, "-k", key);
            holdfast(workspace, "backup", source.toString(), "--standalone", "-r", repository, "-k", key);
            giveToNobody(workspace.path(""));
            Path restored = workspace.path("restored");
            String[] restore = {
                "restore", "latest", "--to", restored.toString(), "--standalone", "-r", repository, "-k", key
            };

            Ran ran = Ran.command(workspace, environment(workspace), Nobody.runs(Packaged.command(restore)));

            assertThat(ran.exit()).as(ran.err()).isEqualTo(4);
            List<String> warnings = ran.err()
                    .lines()
                    .filter(line -> line.startsWith("warning:"))
                    .toList();
            assertThat(warnings).hasSameSizeAs(told);
            assertThat(told).allSatisfy(what -> assertThat(warnings).anyMatch(line -> line.contains(what)));
            assertThat(restored.resolve("owned")).hasContent("x");
            assertThat(restored.resolve("capable")).hasContent("x");
            assertThat(restored.resolve("device")).doesNotExist();
        }
    }

    /** Links are made last, when the directory has its mode already, if it had it before them. */
    @Test
    void links_come_back_in_a_directory_that_its_owner_may_not_write() throws Exception {
        if (root) {
            Nobody.assume();
        }
        Path shut = Files.createDirectory(source.resolve("shut"));
        Path inner = Files.createDirectory(shut.resolve("inner"));
        Files.writeString(source.resolve("first"), "content");
        Files.createLink(shut.resolve("behind"), source.resolve("first"));
        Files.createLink(inner.resolve("third"), source.resolve("first"));
        Files.createLink(shut.resolve("second"), source.resolve("first"));
        for (Path closed : List.of(inner, shut)) {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
        }
        try (Workspace workspace = new Workspace()) {
            String repository = workspace.path("repository").toString();
            String key = workspace.path("key").toString();
            Path restored = workspace.path("restored");
            if (root) {
                giveToNobody(source);
            }
            holdfast(workspace, "init", repository, "-k", key);
            holdfast(workspace, "backup", source.toString(), "--standalone", "-r", repository, "-k", key);
            List<String> restore = Packaged.command(
                    "restore", "latest", "--to", restored.toString(), "--standalone", "-r", repository, "-k", key);
            if (root) {
                giveToNobody(workspace.path(""));
                restore = Nobody.runs(restore);
            }

            Ran ran = Ran.command(workspace, environment(workspace), restore);

            assertThat(ran.exit()).as(ran.err()).isZero();
            assertThat(Trees.describe(restored)).isEqualTo(Trees.describe(source));
            assertThat(Trees.describe(restored))
                    .extractingByKey("/shut/inner/third")
                    .asString()
                    .contains("links 4", "same as /first");
            Trees.clear(restored);
        }
    }

    /** With everything in it, which could not even be read otherwise. */
    private static void giveToNobody(Path top) throws Exception {
        try (Stream<Path> all = Files.walk(top)) {
            for (Path path : all.toList()) {
                Files.setAttribute(path, "unix:uid", Nobody.UID);
                Files.setAttribute(path, "unix:gid", Nobody.UID);
            }
        }
    }

    static void holdfast(Workspace workspace, String... arguments) throws Exception {
        Ran ran = Ran.command(workspace, environment(workspace), Packaged.command(arguments));
        assertThat(ran.exit()).as(ran.err()).isZero();
    }

    private static Map<String, String> environment(Workspace workspace) {
        Map<String, String> environment = new HashMap<>(POSIX_LOCALE);
        environment.put("HOLDFAST_STATE_DIR", workspace.path("state").toString());
        return environment;
    }
}
