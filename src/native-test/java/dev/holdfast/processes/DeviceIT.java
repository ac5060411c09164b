package dev.holdfast.processes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.processes.Workspace.RepositoryFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real block devices, from and to. */
class DeviceIT {
    private static final int MIB = 1 << 20;

    /** More than one region, and no multiple of one. */
    private static final long SIZE = 76L * MIB + 512 * 3;

    private static final String HOLD = """
            import os, sys
            os.open(sys.argv[1], os.O_RDWR | os.O_EXCL)
            print('held', flush=True)
            input()
            """;

    private final Workspace workspace = new Workspace();
    private final Random random = new Random(Figures.seed("device"));
    private LoopDevice from;
    private LoopDevice to;

    @BeforeEach
    void attach() throws Exception {
        from = LoopDevice.over(workspace.path("from.img"), SIZE);
        to = LoopDevice.over(workspace.path("to.img"), SIZE + 4 * MIB);
        for (long at : new long[] {0, 3 * MIB, 40 * MIB, SIZE - MIB}) {
            write(from.path(), at, MIB);
        }
    }

    @AfterEach
    void detach() throws Exception {
        try {
            for (LoopDevice device : new LoopDevice[] {from, to}) {
                if (device != null) {
                    device.close();
                }
            }
        } finally {
            workspace.close();
        }
    }

    private void write(Path device, long position, int length) throws IOException {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        try (RandomAccessFile file = new RandomAccessFile(device.toFile(), "rw")) {
            file.seek(position);
            file.write(bytes);
            file.getFD().sync();
        }
    }

    @Test
    void a_device_is_taken_changed_taken_again_and_both_come_back() throws Exception {
        RepositoryFiles repository = workspace.repository();
        AgentProcess agent = AgentProcess.start(workspace, Map.of());
        JsonNode first = completed(agent, agent.backup(repository, from.path(), 2, 0));
        byte[] before = content(from.path());
        write(from.path(), 50 * MIB, MIB);

        JsonNode second = completed(agent, agent.backup(repository, from.path(), 2, 0));

        assertThat(first.path("progress").path("bytesDone").asLong()).isEqualTo(SIZE);
        assertThat(first.path("totals").path("bytesSent").asLong()).isBetween(4L * MIB, 5L * MIB);
        assertThat(second.path("totals").path("bytesSent").asLong()).isBetween(1L * MIB, 3L * MIB);
        write(to.path(), 10 * MIB, 4 * MIB); // Where the snapshot has nothing but zeros.
        restored(agent, repository, first);
        assertThat(content(to.path())).isEqualTo(before);
        restored(agent, repository, second);
        assertThat(content(to.path())).isEqualTo(content(from.path()));
        assertThat(size(to.path())).isEqualTo(SIZE + 4 * MIB);
    }

    private static JsonNode completed(AgentProcess agent, String id) {
        JsonNode ended = agent.awaitEnd(id);
        assertThat(ended.path("outcome").asText()).as(ended.toPrettyString()).isEqualTo("completed");
        return ended;
    }

    private void restored(AgentProcess agent, RepositoryFiles repository, JsonNode backup) {
        JsonNode restored = agent.restore(repository, backup.path("snapshot").asText(), to.path());
        assertThat(restored.path("outcome").asText())
                .as(restored.toPrettyString())
                .isEqualTo("completed");
    }

    /** As far as the snapshot goes. */
    private static byte[] content(Path device) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(device.toFile(), "r")) {
            byte[] bytes = new byte[(int) SIZE];
            file.readFully(bytes);
            return bytes;
        }
    }

    private static long size(Path device) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(device.toFile(), "r")) {
            return file.length();
        }
    }

    @Test
    void a_device_that_is_too_small_or_in_use_is_refused_untouched() throws Exception {
        RepositoryFiles repository = workspace.repository();
        assertThat(standalone(repository, "backup", to.path().toString()).exit())
                .isZero();
        byte[] before = content(from.path());

        Ran small =
                standalone(repository, "restore", "latest", "--to", from.path().toString());

        assertThat(small.exit()).isEqualTo(6);
        assertThat(small.err()).contains(from.path().toString(), "give a device at least as large");
        assertThat(content(from.path())).isEqualTo(before);

        Process holder = holder(to.path());
        Ran busy = standalone(repository, "restore", "latest", "--to", to.path().toString());
        holder.destroyForcibly().waitFor();

        assertThat(busy.exit()).isEqualTo(6);
        assertThat(busy.err()).contains(to.path().toString(), "in use").doesNotContain("Exception");
        assertThat(standalone(repository, "restore", "latest", "--to", to.path().toString())
                        .exit())
                .isZero();
    }

    /** As the kernel does with a device that is mounted. */
    private Process holder(Path device) throws IOException {
        Process process = new ProcessBuilder("python3", "-c", HOLD, device.toString())
                .redirectError(workspace.freshLog().toFile())
                .start();
        workspace.own(process);
        assertThat(process.inputReader().readLine()).isEqualTo("held");
        return process;
    }

    private Ran standalone(RepositoryFiles repository, String... arguments) throws Exception {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = "--standalone";
        return Ran.command(
                workspace,
                Map.of(
                        "HOLDFAST_STATE_DIR", workspace.path("state").toString(),
                        "HOLDFAST_REPOSITORY", repository.directory().toString(),
                        "HOLDFAST_KEY_FILE", repository.key().toString()),
                Packaged.command(all));
    }
}
