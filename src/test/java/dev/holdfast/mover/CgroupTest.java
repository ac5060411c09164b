package dev.holdfast.mover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leaves on a directory that looks like cgroup v2, and nothing at all on one that does not. */
class CgroupTest {
    @TempDir
    private Path root;

    @Test
    void without_cgroup_v2_nothing_is_written_and_the_reason_is_told() throws IOException {
        Cgroup cgroup = Cgroup.detect(root);

        assertThat(cgroup.unavailable()).get().asString().startsWith("cgroup v2 is needed at " + root);
        assertThat(cgroup.create(MoverBench.SESSION, 1, new CgroupLimits(1, 1))).isNull();
        cgroup.remove(MoverBench.SESSION);
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void limits_are_written_to_the_leaf() throws IOException {
        Path leaf = fakeLeaf("memory.max", "memory.high", "memory.oom.group", "cpu.max");

        assertThat(Cgroup.assumed(root).create(MoverBench.SESSION, 3, new CgroupLimits(1 << 30, 1.5)))
                .isEqualTo(leaf);

        assertThat(leaf.resolve("memory.max")).hasContent("1073741824");
        assertThat(leaf.resolve("memory.high")).isEmptyFile();
        assertThat(leaf.resolve("memory.oom.group")).hasContent("1");
        assertThat(leaf.resolve("cpu.max")).hasContent("150000 100000");
    }

    @Test
    void out_of_memory_is_read_from_the_leaf_of_that_generation() throws IOException {
        Path leaf = fakeLeaf("memory.events");
        Cgroup cgroup = Cgroup.assumed(root);
        Files.writeString(leaf.resolve("memory.events"), "oom 4\noom_kill 0\n");
        assertThat(cgroup.outOfMemory(MoverBench.SESSION, 3)).isFalse();

        Files.writeString(leaf.resolve("memory.events"), "oom 4\noom_kill 1\n");
        assertThat(cgroup.outOfMemory(MoverBench.SESSION, 3)).isTrue();
        assertThat(cgroup.outOfMemory(MoverBench.SESSION, 4)).isFalse();
    }

    @Test
    void only_own_leaves_are_killed() throws IOException {
        Path leaf = fakeLeaf("cgroup.kill");
        Path other = Files.createDirectories(root.resolve("kubepods"));
        Files.createFile(other.resolve("cgroup.kill"));
        Cgroup cgroup = Cgroup.assumed(root);

        assertThat(cgroup.kill(leaf)).isTrue();
        assertThat(cgroup.kill(other)).isFalse();
        assertThat(leaf.resolve("cgroup.kill")).hasContent("1");
        assertThat(other.resolve("cgroup.kill")).isEmptyFile();
    }

    @Test
    void a_containers_own_hierarchy_is_no_place_for_movers() throws IOException {
        Files.createFile(root.resolve("cgroup.type"));
        Files.writeString(
                root.resolve("cgroup.procs"), "1\n" + ProcessHandle.current().pid() + "\n");

        assertThat(Cgroup.assumed(root).unavailable()).get().asString().contains("container's own cgroup");
        assertThat(root.resolve("holdfast")).doesNotExist();
    }

    @Test
    void frozen_is_what_the_kernel_says_of_an_own_leaf() throws IOException {
        Path leaf = fakeLeaf("cgroup.events");
        Cgroup cgroup = Cgroup.assumed(root);
        Files.writeString(leaf.resolve("cgroup.events"), "populated 1\nfrozen 0\n");
        assertThat(cgroup.frozen(leaf)).isFalse();

        Files.writeString(leaf.resolve("cgroup.events"), "populated 1\nfrozen 1\n");
        assertThat(cgroup.frozen(leaf)).isTrue();
        assertThat(cgroup.frozen(root.resolve("kubepods"))).isFalse();
    }

    private Path fakeLeaf(String... files) throws IOException {
        Path leaf = Files.createDirectories(root.resolve("holdfast/" + MoverBench.SESSION + ".3"));
        for (String file : files) {
            Files.createFile(leaf.resolve(file));
        }
        return leaf;
    }
}
