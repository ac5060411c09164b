package dev.holdfast.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Everything that NIO can see of a tree, a line for each entry, so that two trees are equal when the lists are. */
public final class TreeListing {
    private TreeListing() {}

    public static List<String> of(Path root) throws IOException {
        Map<String, String> lines = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            paths.forEach(
                    path -> lines.put(root.toUri().relativize(path.toUri()).toString(), line(path)));
        }
        return lines.entrySet().stream()
                .map(line -> line.getKey() + " " + line.getValue())
                .toList();
    }

    private static String line(Path path) {
        try {
            Map<String, Object> all = Files.readAttributes(
                    path, "unix:mode,uid,gid,size,lastModifiedTime,nlink", LinkOption.NOFOLLOW_LINKS);
            boolean directory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
            return "%s %s:%s %s %s %s"
                    .formatted(
                            all.get("mode") instanceof Integer mode ? Integer.toOctalString(mode) : "no mode",
                            all.get("uid"),
                            all.get("gid"),
                            all.get("lastModifiedTime"),
                            directory ? "" : all.get("size") + " links " + all.get("nlink"),
                            content(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String content(Path path) throws IOException {
        if (Files.isSymbolicLink(path)) {
            return Files.readSymbolicLink(path).toString();
        }
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return "";
        }
        try (InputStream in = Files.newInputStream(path)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
