package dev.holdfast.mover;

import dev.holdfast.session.SessionId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Leaves for movers, {@code <root>/holdfast/<id>.<generation>}, on cgroup v2 only. On any other host nothing is ever
 * written, nor where the hierarchy is the container's own: leaves in there would end with it.
 */
final class Cgroup {
    private static final System.Logger LOG = System.getLogger(Cgroup.class.getName());
    private static final List<String> CONTROLLERS = List.of("memory", "cpu", "io", "pids");

    private final Path parent;
    private final @Nullable String unavailable;

    private Cgroup(Path parent, @Nullable String unavailable) {
        this.parent = parent;
        this.unavailable = unavailable;
    }

    /** Looks once whether leaves can be made below {@code root}. */
    static Cgroup detect(Path root) {
        Path parent = root.resolve("holdfast");
        String type;
        try {
            type = Files.getFileStore(root).type();
        } catch (IOException e) {
            return new Cgroup(parent, "cgroup v2 is needed at " + root + ": " + e);
        }
        if (!type.equals("cgroup2")) {
            return new Cgroup(parent, "cgroup v2 is needed at " + root + ", found " + type);
        }
        return assumed(root);
    }

    /** For tests: takes {@code root} for a usable hierarchy whatever it is. */
    static Cgroup assumed(Path root) {
        Path parent = root.resolve("holdfast");
        return new Cgroup(parent, prepare(root, parent));
    }

    private static @Nullable String prepare(Path root, Path parent) {
        try {
            if (endsWithThisProcess(root)) {
                return root + " is this container's own cgroup, which ends with it; mount the host's there";
            }
            Files.createDirectories(parent);
            for (String controller : CONTROLLERS) {
                enable(root, controller);
                enable(parent, controller);
            }
            return null;
        } catch (IOException e) {
            return "no cgroups can be made in " + parent + ": " + e;
        }
    }

    /** Whether what looks like the root is a cgroup like others, seen from inside, and we are in it. */
    private static boolean endsWithThisProcess(Path root) throws IOException {
        String self = Long.toString(ProcessHandle.current().pid());
        return Files.exists(root.resolve("cgroup.type"))
                && Files.readAllLines(root.resolve("cgroup.procs")).contains(self);
    }

    /** A controller that is not there means a limit that is not there, not a mover that is not there. */
    private static void enable(Path directory, String controller) {
        try {
            write(directory.resolve("cgroup.subtree_control"), "+" + controller);
        } catch (IOException e) {
            return;
        }
    }

    Optional<String> unavailable() {
        return Optional.ofNullable(unavailable);
    }

    /**
     * Makes the leaf, and removes what earlier generations left empty; null where there are no cgroups. There is no
     * {@code memory.high}: a mover that needs more than that is slowed down until it seems to stand still, and comes
     * back as large as it was; at {@code memory.max} it dies and comes back smaller.
     */
    @Nullable
    Path create(SessionId session, int generation, CgroupLimits limits) throws IOException {
        if (unavailable != null) {
            return null;
        }
        remove(session);
        Path leaf = leafOf(session, generation);
        Files.createDirectories(leaf);
        if (limits.memoryMax() > 0) {
            limit(leaf, "memory.max", Long.toString(limits.memoryMax()));
            limit(leaf, "memory.oom.group", "1");
        }
        if (limits.cpuMax() > 0) {
            limit(leaf, "cpu.max", Math.max(1000, Math.round(limits.cpuMax() * 100_000)) + " 100000");
        }
        return leaf;
    }

    private static void limit(Path leaf, String name, String value) throws IOException {
        Path file = leaf.resolve(name);
        if (Files.exists(file)) {
            write(file, value);
        } else {
            LOG.log(System.Logger.Level.WARNING, "no limit {0} in {1}: the kernel has none", name, leaf);
        }
    }

    /** Whether the kernel killed something in the leaf of this generation for want of memory. */
    boolean outOfMemory(SessionId session, int generation) {
        if (unavailable != null) {
            return false;
        }
        return lines(leafOf(session, generation).resolve("memory.events")).stream()
                .anyMatch(line -> line.startsWith("oom_kill ") && !line.equals("oom_kill 0"));
    }

    /**
     * Whether a leaf that {@link #create} made stands still because somebody froze it: alive, and silent till thawed.
     */
    boolean frozen(Path leaf) {
        return ours(leaf) && lines(leaf.resolve("cgroup.events")).contains("frozen 1");
    }

    private boolean ours(Path leaf) {
        return unavailable == null && parent.equals(leaf.getParent());
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Kills everything in a leaf that {@link #create} made; false if that is not possible. */
    boolean kill(Path leaf) {
        if (!ours(leaf)) {
            return false;
        }
        try {
            write(leaf.resolve("cgroup.kill"), "1");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Removes the leaves of a session; one that is still populated stays, the kernel sees to that. */
    void remove(SessionId session) {
        if (unavailable != null) {
            return;
        }
        for (Path leaf : leavesOf(session)) {
            try {
                Files.deleteIfExists(leaf);
            } catch (IOException e) {
                // Still populated, or already gone.
            }
        }
    }

    private List<Path> leavesOf(SessionId session) {
        List<Path> leaves = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, session.value() + ".*")) {
            found.forEach(leaves::add);
        } catch (IOException e) {
            return List.of();
        }
        return leaves;
    }

    /** Where the leaf of a generation is or would be; null where there are no cgroups. */
    @Nullable
    Path leaf(SessionId session, int generation) {
        return unavailable == null ? leafOf(session, generation) : null;
    }

    private Path leafOf(SessionId session, int generation) {
        return parent.resolve(session.value() + "." + generation);
    }

    private static void write(Path file, String value) throws IOException {
        Files.writeString(file, value, StandardOpenOption.WRITE);
    }
}
