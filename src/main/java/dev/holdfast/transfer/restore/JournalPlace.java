package dev.holdfast.transfer.restore;

import dev.holdfast.transfer.Disk;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Where the journals of a target lie: those of all restores to it side by side. */
final class JournalPlace {
    private static final String MARK = ".holdfast-";

    private JournalPlace() {}

    /** Where the journal of a restore to {@code target} by this session lies. */
    static Path beside(Path target, String session) {
        Path name = target.getFileName();
        return target.resolveSibling((name == null ? "root" : name.toString()) + MARK + session);
    }

    /** Beside the target; of a device among what the session keeps, for {@code /dev} is memory, and none of ours. */
    static Path of(Path target, Path scratch, String session) {
        return beside(isDevice(target) ? scratch.resolve(String.valueOf(target.getFileName())) : target, session);
    }

    private static boolean isDevice(Path target) {
        try {
            return Files.readAttributes(target, BasicFileAttributes.class).isOther();
        } catch (IOException absent) {
            return false;
        }
    }

    /** Whether another restore to the target of this journal is at work: it has its own open beside this one. */
    static boolean isOtherAlive(Path file) throws IOException {
        for (Path other : others(file)) {
            if (isLocked(other)) {
                return true;
            }
        }
        return false;
    }

    /** What they speak of is gone from the target, so nobody may go on with it. None of them is at work. */
    static void removeOthers(Path file) throws IOException {
        for (Path other : others(file)) {
            Files.deleteIfExists(other);
        }
    }

    private static List<Path> others(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        String common = name.substring(0, name.lastIndexOf(MARK) + MARK.length());
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        List<Path> others = new ArrayList<>();
        try (DirectoryStream<Path> journals = Files.newDirectoryStream(
                folder, path -> String.valueOf(path.getFileName()).startsWith(common))) {
            for (Path other : journals) {
                if (!other.getFileName().equals(file.getFileName())) {
                    others.add(other);
                }
            }
        }
        return others;
    }

    private static boolean isLocked(Path other) throws IOException {
        try (RandomAccessFile probe = new RandomAccessFile(other.toFile(), "rw")) {
            return !Disk.lock(probe);
        } catch (FileNotFoundException ended) {
            return false;
        }
    }
}
