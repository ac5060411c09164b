package dev.holdfast.session;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Last known progress of a transfer, as its mover told it; totals are -1 while unknown, bytes are source bytes except
 * {@code bytesSent}.
 */
public record Progress(
        Instant at,
        long filesDone,
        long filesTotal,
        long bytesDone,
        long bytesTotal,
        long bytesSent,
        long bytesSentAgain,
        long bytesReadAgain,
        long lastBlock,
        String lastBlockId,
        List<Warning> warnings) {
    public Progress {
        warnings = List.copyOf(warnings);
    }

    public static Progress none(Instant at) {
        return new Progress(at, 0, -1, 0, -1, 0, 0, 0, 0, "", List.of());
    }

    /** Warnings of all kinds. */
    public long warningCount() {
        return warnings.stream().mapToLong(Warning::count).sum();
    }

    Progress with(List<Warning> others) {
        return new Progress(
                at,
                filesDone,
                filesTotal,
                bytesDone,
                bytesTotal,
                bytesSent,
                bytesSentAgain,
                bytesReadAgain,
                lastBlock,
                lastBlockId,
                others);
    }

    /** Where the next attempt goes on from: nothing sent yet. */
    Progress resumed(Instant now) {
        return new Progress(
                now, filesDone, filesTotal, bytesDone, bytesTotal, 0, 0, 0, lastBlock, lastBlockId, warnings);
    }

    /**
     * What an attempt that goes on from an earlier one shows: it passes quickly over what is done, which must not look
     * like a loss, and it does not meet again every warning. A total that has turned out smaller bounds it.
     */
    Progress notBehind(Progress before) {
        long files = filesTotal < 0 ? before.filesTotal : filesTotal;
        long bytes = bytesTotal < 0 ? before.bytesTotal : bytesTotal;
        return new Progress(
                at,
                ahead(filesDone, before.filesDone, files),
                files,
                ahead(bytesDone, before.bytesDone, bytes),
                bytes,
                bytesSent,
                bytesSentAgain,
                bytesReadAgain,
                lastBlock,
                lastBlockId,
                both(before.warnings, warnings));
    }

    private static long ahead(long now, long before, long total) {
        return Math.max(now, total < 0 ? before : Math.min(before, total));
    }

    /** Of each kind the larger count, and the first example: a later one may only point back to it. */
    private static List<Warning> both(List<Warning> before, List<Warning> now) {
        Map<String, Warning> kinds = new TreeMap<>();
        Stream.concat(before.stream(), now.stream())
                .forEach(one -> kinds.merge(
                        one.kind(),
                        one,
                        (a, b) -> new Warning(
                                a.kind(),
                                Math.max(a.count(), b.count()),
                                a.example().isEmpty() ? b.example() : a.example())));
        return List.copyOf(kinds.values());
    }
}
