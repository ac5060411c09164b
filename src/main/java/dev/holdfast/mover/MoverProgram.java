package dev.holdfast.mover;

import dev.holdfast.linux.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The executable that movers run from, {@code <state>/bin/<version>/holdfast}. A mover outlives the container that its
 * agent came in, so its program must lie where the state lies. The state lock must be held: nobody else writes there.
 */
public final class MoverProgram {
    private static final String NAME = "holdfast";
    private static final String ASIDE = ".holdfast.new";

    private final Path state;
    private final Path bin;
    private final Path proc;

    /** @param proc normally {@code /proc} */
    public MoverProgram(Path state, Path proc) {
        this.state = state;
        this.bin = state.resolve("bin");
        this.proc = proc;
    }

    /** What a path leads to, whatever it is called. */
    record Identity(long device, long inode) {
        /** Null if there is nothing. */
        static @Nullable Identity of(Path path) throws IOException {
            try {
                Map<String, Object> found = Files.readAttributes(path, "unix:dev,ino");
                return found.get("dev") instanceof Long device && found.get("ino") instanceof Long inode
                        ? new Identity(device, inode)
                        : null;
            } catch (NoSuchFileException e) {
                return null;
            }
        }
    }

    /**
     * Puts the program where movers can run from it, and removes older ones that no process runs from.
     *
     * @param image content to run, normally {@code /proc/self/exe}, which is there even when its name is gone
     * @param named what that program is called
     * @param version name of its place
     * @return what to start: {@code named} if that lies on the file system of the state directory, else the copy
     * @throws IOException if it cannot be put there; nothing half-written stays
     */
    public Path install(Path image, Path named, String version) throws IOException {
        Identity running = Identity.of(image);
        if (staysPut(running, Identity.of(named), Identity.of(state))) {
            removeAllBut("");
            return named;
        }
        Path target = bin.resolve(version).resolve(NAME);
        removeAllBut(version); // First: it makes room.
        try {
            put(image, target);
        } catch (IOException e) {
            throw new IOException(
                    "copy the program " + named + " to " + target + " for movers to run from: " + Reason.of(e)
                            + "; make room there, or say in holdfast.mover.command what movers run from",
                    e);
        }
        return target;
    }

    /** Whether the name still leads to the program that runs, and lies on the file system that the state is on. */
    static boolean staysPut(@Nullable Identity running, @Nullable Identity named, @Nullable Identity state) {
        return running != null && running.equals(named) && state != null && running.device() == state.device();
    }

    /** Versions that may go: neither the current one, nor one that a process runs from. */
    static Set<Path> obsolete(Set<Path> versions, Path current, Set<Path> running) {
        return versions.stream()
                .filter(version ->
                        !version.equals(current) && running.stream().noneMatch(program -> program.startsWith(version)))
                .collect(Collectors.toSet());
    }

    private static void put(Path image, Path target) throws IOException {
        if (Files.exists(target) && Files.mismatch(image, target) < 0) {
            return;
        }
        Path aside = target.resolveSibling(ASIDE);
        try {
            Files.createDirectories(target.resolveSibling("."));
            Files.copy(image, aside, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(aside, PosixFilePermissions.fromString("rwxr-xr-x"));
            sync(aside);
            if (Files.mismatch(image, aside) >= 0) {
                throw new IOException("it does not read back as it was; is the disk sound?");
            }
            Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
            sync(target.resolveSibling("."));
        } catch (IOException e) {
            Files.deleteIfExists(aside);
            throw e;
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private void removeAllBut(String current) throws IOException {
        if (!Files.isDirectory(bin)) {
            return;
        }
        for (Path version : obsolete(entries(bin), bin.resolve(current), running())) {
            for (Path file : entries(version)) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(version);
        }
    }

    private static Set<Path> entries(Path directory) throws IOException {
        Set<Path> found = new HashSet<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            all.forEach(found::add);
        }
        return found;
    }

    /** What the processes of this node run from, as far as this user may know: movers are this user's. */
    private Set<Path> running() throws IOException {
        Set<Path> programs = new HashSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                programOf(process).ifPresent(programs::add);
            }
        }
        return programs;
    }

    /** Empty if it is gone, a thread of the kernel, or another user's. */
    private static Optional<Path> programOf(Path process) {
        try {
            return Optional.of(Files.readSymbolicLink(process.resolve("exe")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
