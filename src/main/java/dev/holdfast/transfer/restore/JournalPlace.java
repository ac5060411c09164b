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
import java.util.LinkedHashSet;
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

    /**
     * Journals of other restores to the same target: beside this one by their names; of a device, which may have many
     * names, in the directories of other sessions by what they say.
     */
    static List<Path> others(Path file, Journal mine, boolean device) throws IOException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        String common = nameOf(file).substring(0, nameOf(file).lastIndexOf(MARK) + MARK.length());
        List<Path> others = new ArrayList<>();
        for (Path journal : device ? journalsAround(folder) : journalsIn(folder)) {
            boolean own = journal.toAbsolutePath().equals(file.toAbsolutePath()); // To read it would unlock it.
            if (!own && (device ? speaksOf(journal, mine) : nameOf(journal).startsWith(common))) {
                others.add(journal);
            }
        }
        return others;
    }

    private static List<Path> journalsIn(Path folder) throws IOException {
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(folder, path -> nameOf(path).contains(MARK))) {
            List<Path> journals = new ArrayList<>();
            found.forEach(journals::add);
            return journals;
        }
    }

    private static String nameOf(Path path) {
        return String.valueOf(path.getFileName());
    }

    /** In this directory, which is that of a session or the one above all of them, and in all others of these. */
    private static List<Path> journalsAround(Path folder) throws IOException {
        List<Path> folders = new ArrayList<>(List.of(folder));
        Path sessions = Objects.requireNonNull(folder.getParent());
        folders.addAll(foldersIn(sessions));
        folders.addAll(foldersIn(folder.resolve("movers")));
        if (sessions.getParent() != null) {
            folders.add(sessions.getParent());
        }
        List<Path> journals = new ArrayList<>();
        for (Path one : new LinkedHashSet<>(folders)) {
            journals.addAll(journalsIn(one));
        }
        return journals;
    }

    private static List<Path> foldersIn(Path folder) throws IOException {
        List<Path> folders = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> found =
                    Files.newDirectoryStream(folder, path -> Files.isDirectory(path) && Files.isReadable(path))) {
                found.forEach(folders::add);
            }
        }
        return folders;
    }

    private static boolean speaksOf(Path journal, Journal mine) {
        try {
            return mine.isOf(JournalHeader.in(journal));
        } catch (IOException other) {
            return false; // Another file, or gone by now.
        }
    }

    /** Whether a restore is at work with one of these journals. */
    static boolean isAlive(List<Path> journals) throws IOException {
        for (Path journal : journals) {
            if (isLocked(journal)) {
                return true;
            }
        }
        return false;
    }

    /** What they speak of is gone from the target, so nobody may go on with it. None of them is at work. */
    static void remove(List<Path> journals) throws IOException {
        for (Path journal : journals) {
            Files.deleteIfExists(journal);
        }
    }

    private static boolean isLocked(Path other) throws IOException {
        try (RandomAccessFile probe = new RandomAccessFile(other.toFile(), "rw")) {
            return !Disk.lock(probe);
        } catch (FileNotFoundException ended) {
            return false;
        }
    }
}
