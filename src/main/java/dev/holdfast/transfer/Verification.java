package dev.holdfast.transfer;

import dev.holdfast.transfer.catalog.Content;
import dev.holdfast.transfer.catalog.Entry;
import dev.holdfast.transfer.catalog.Pages;
import dev.holdfast.transfer.catalog.Piece;
import dev.holdfast.transfer.os.RawName;
import dev.holdfast.transfer.repository.ChunkId;
import dev.holdfast.transfer.repository.ChunkReader;
import dev.holdfast.transfer.repository.PackReport;
import dev.holdfast.transfer.repository.Repository;
import dev.holdfast.transfer.repository.Snapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/**
 * Checks a repository in three steps: every small object opens; every snapshot's tree is read and each chunk it names
 * is where an index says; a sample of the packs, or all, is read from end to end and proven chunk by chunk.
 */
public final class Verification {
    private static final int PROBLEMS_MAX = 1000;

    /** About 50 MB. */
    private static final int SEEN_MAX = 400_000;

    private final Repository repository;
    private final List<Snapshot> snapshots;
    private final ChunkReader reader;
    private final Consumer<TransferProgress> progress;
    private final List<String> problems = new ArrayList<>();

    /** Pages already walked: snapshots of one source share most of theirs. */
    private final Set<ChunkId> seen = new HashSet<>();

    private long packs;
    private long chunks;
    private long bytes;

    private Verification(
            Repository repository, List<Snapshot> snapshots, ChunkReader reader, Consumer<TransferProgress> progress) {
        this.repository = repository;
        this.snapshots = snapshots;
        this.reader = reader;
        this.progress = progress;
    }

    /**
     * What was found.
     *
     * @param packs packs read
     * @param chunks chunks whose bytes were proven
     * @param bytes stored bytes read
     * @param problems one sentence for each damaged place, the first thousand
     */
    public record Report(long packs, long chunks, long bytes, List<String> problems) {
        public Report {
            problems = List.copyOf(problems);
        }
    }

    /**
     * Checks the repository; damage is reported, not thrown.
     *
     * @param percent of the packs to read, 1 to 100; which ones changes from run to run
     * @param progress hears of packs done (as files) and of stored bytes
     * @throws TransferException when the repository cannot be opened at all
     */
    public static Report run(Path directory, Path keyFile, int percent, Consumer<TransferProgress> progress)
            throws TransferException {
        try (Repository repository = Repository.openToVerify(directory, keyFile)) {
            List<Snapshot> snapshots =
                    repository.readableSnapshots(); // The indexes, which are read next, know all of theirs.
            try (ChunkReader reader = repository.reader()) {
                return new Verification(repository, snapshots, reader, progress).runDeep(percent);
            }
        }
    }

    /** Trees may be deeper than the calling thread's stack. */
    private Report runDeep(int percent) throws TransferException {
        FutureTask<Report> task = new FutureTask<>(() -> run(percent));
        Thread thread = Thread.ofPlatform()
                .name("verification")
                .daemon()
                .stackSize(Threads.STACK_BYTES)
                .unstarted(task);
        thread.start();
        Threads.join(List.of(thread));
        try {
            return task.resultNow();
        } catch (IllegalStateException failed) {
            Throwable why = task.exceptionNow();
            switch (why) {
                case TransferException known -> throw known;
                case RuntimeException bug -> throw bug;
                case Error fatal -> throw fatal;
                default -> throw new IllegalStateException(why);
            }
        }
    }

    private Report run(int percent) throws TransferException {
        problems.addAll(repository.checkObjects());
        for (Snapshot snapshot : snapshots) {
            for (ChunkId page : snapshot.root()) {
                entries(snapshot, page, "");
            }
        }
        List<String> names = new ArrayList<>(repository.packs());
        Collections.shuffle(names, new Random());
        int count = percent >= 100 ? names.size() : Math.min(names.size(), 1 + names.size() * percent / 100);
        for (String name : names.subList(0, count)) {
            PackReport report = repository.check(name);
            packs++;
            chunks += report.chunks();
            bytes += report.bytes();
            report.problems().forEach(this::problem);
            progress.accept(new TransferProgress(
                    packs, count, bytes, -1, 0, 0, 0, 0, "", Map.of("damage", (long) problems.size())));
        }
        return new Report(packs, chunks, bytes, problems);
    }

    private void entries(Snapshot snapshot, ChunkId page, String path) throws TransferException {
        if (!isNew(page)) {
            return;
        }
        List<Entry> entries;
        try {
            entries = Pages.entries(reader.read(page), page);
        } catch (TransferException e) {
            damaged("snapshot " + snapshot.id() + ", directory /" + path, e);
            return;
        }
        for (Entry entry : entries) {
            String name = RawName.display(entry.name());
            entry(snapshot, entry, path.isEmpty() ? name : path + "/" + name);
        }
    }

    private void entry(Snapshot snapshot, Entry entry, String path) throws TransferException {
        switch (entry.content()) {
            case Content.None _ -> {}
            case Content.Pieces(var pieces) -> pieces(snapshot, pieces, path);
            case Content.Regions(var pages) -> {
                for (ChunkId page : pages) {
                    if (isNew(page)) {
                        region(snapshot, page, path);
                    }
                }
            }
            case Content.Directory(var pages, var _, var _) -> {
                for (ChunkId page : pages) {
                    entries(snapshot, page, path);
                }
            }
        }
    }

    private void region(Snapshot snapshot, ChunkId page, String path) throws TransferException {
        List<Piece> pieces;
        try {
            pieces = Pages.pieces(reader.read(page), page);
        } catch (TransferException e) {
            damaged("snapshot " + snapshot.id() + ", file /" + path, e);
            return;
        }
        pieces(snapshot, pieces, path);
    }

    private void pieces(Snapshot snapshot, List<Piece> pieces, String path) throws TransferException {
        for (Piece piece : pieces) {
            if (piece.id() != null && !reader.has(piece.id())) {
                problem("snapshot " + snapshot.id() + ", file /" + path + ": chunk " + piece.id() + " is missing");
            }
        }
    }

    /** When there are too many to be remembered, some are walked again. */
    private boolean isNew(ChunkId page) {
        if (seen.size() >= SEEN_MAX) {
            seen.clear();
        }
        return seen.add(page);
    }

    /** A repository that cannot be read at the moment is not damaged. */
    private void damaged(String what, TransferException why) throws TransferException {
        problem(what + ": " + repository.requireOfObject(why).getMessage());
    }

    private void problem(String what) {
        if (problems.size() < PROBLEMS_MAX) {
            problems.add(what);
        }
    }
}
