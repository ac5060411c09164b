package dev.holdfast.backup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.backup.archive.ArchiveException.Code;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
    private static final byte[] JSON = "{\"kind\":\"Pod\"}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_is_written_is_read_and_unpacked(boolean compressed) throws Exception {
        Path file = folder.resolve("archive");
        ArchivePath pod = new ArchivePath("pods", "ns", "p");
        ArchivePath role = new ArchivePath("clusterroles.rbac.authorization.k8s.io", "", "system:" + "n".repeat(200));
        try (ArchiveWriter writer = new ArchiveWriter(file, ArchiveWriter.beside(file), compressed, Instant.EPOCH)) {
            writer.add(pod, "v1", JSON);
            writer.add(role, "v1", JSON);
            assertThat(file).doesNotExist();
            assertThat(writer.commit()).isEqualTo(Files.size(file));
        }
        try (ArchiveReader reader = new ArchiveReader(ArchiveSource.file(file))) {
            assertThat(Objects.requireNonNull(reader.next()).path()).isEqualTo(pod);
            assertThat(Objects.requireNonNull(reader.next()).path()).isEqualTo(role);
            assertThat(reader.next()).isNull();
        }
        Path target = folder.resolve("target");
        assertThat(Extraction.run(ArchiveSource.file(file), target, path -> path.namespace()
                        .equals("ns")))
                .isEqualTo(1);
        assertThat(target.resolve("resources/pods/namespaces/ns/p.json")).hasBinaryContent(JSON);
        assertThat(Files.getPosixFilePermissions(target.resolve("resources/pods/namespaces/ns/p.json")))
                .hasSize(2);
    }

    @Test
    void archive_that_is_not_committed_leaves_nothing() throws Exception {
        Path file = folder.resolve("archive");
        Files.writeString(file, "older");
        try (ArchiveWriter writer = new ArchiveWriter(file, ArchiveWriter.beside(file), true, Instant.EPOCH)) {
            writer.add(new ArchivePath("pods", "ns", "p"), "v1", JSON);
        }
        assertThat(file).hasContent("older");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../evil.json",
                "/etc/evil.json",
                "resources/pods/namespaces/../../../../evil.json",
                "resources/pods/cluster/..",
                "./../evil.json",
                "resources/pods/cluster/..json",
                "resources/pods/cluster/...json",
                "resources/./cluster/x.json",
                "resources/pods/cluster/x\ny.json"
            })
    void entry_that_would_leave_the_target_condemns_the_archive(String name) throws Exception {
        Path file = hostile(name, TarConstants.LF_NORMAL);
        Path target = folder.resolve("target");
        assertThatThrownBy(() -> Extraction.run(ArchiveSource.file(file), target, _ -> true))
                .isInstanceOfSatisfying(
                        ArchiveException.class, e -> assertThat(e.code()).isEqualTo(Code.HOSTILE));
        assertThat(target).isEmptyDirectory();
        assertThat(folder.resolve("evil.json")).doesNotExist();
    }

    @Test
    void links_condemn_the_archive() throws Exception {
        Path file = hostile("resources/pods/namespaces/ns/p.json", TarConstants.LF_SYMLINK);
        assertThatThrownBy(() -> Extraction.run(ArchiveSource.file(file), folder.resolve("target"), _ -> true))
                .hasMessageContaining("is a link or a device");
    }

    /** GNU's long names come as entries before their entry, one for another, as many as anybody likes. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4000})
    void names_without_end_are_not_taken_into_memory(int count) throws Exception {
        Path file = folder.resolve("long");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file));
                TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            byte[] name = new byte[count == 1 ? 64 << 20 : 600];
            java.util.Arrays.fill(name, (byte) 'n');
            for (int i = 0; i < count; i++) {
                put(tar, new TarArchiveEntry("././@LongLink", TarConstants.LF_GNUTYPE_LONGNAME), name);
            }
            put(tar, new TarArchiveEntry("metadata/version"), "1.1.0".getBytes(StandardCharsets.US_ASCII));
        }
        assertThatThrownBy(() -> Extraction.run(ArchiveSource.file(file), folder.resolve("target"), _ -> true))
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining("header is longer than");
    }

    @Test
    void name_that_no_file_can_have_is_refused_before_anything_is_written() throws Exception {
        Path file = folder.resolve("archive");
        try (ArchiveWriter writer = new ArchiveWriter(file, ArchiveWriter.beside(file), true, Instant.EPOCH)) {
            writer.add(new ArchivePath("pods", "ns", "p"), "v1", JSON);
            writer.add(new ArchivePath("clusterroles", "", "n".repeat(253)), "v1", JSON);
            writer.commit();
        }
        Path target = folder.resolve("target");
        assertThatThrownBy(() -> Extraction.run(ArchiveSource.file(file), target, _ -> true))
                .isInstanceOfSatisfying(
                        ArchiveException.class, e -> assertThat(e.code()).isEqualTo(Code.TARGET));
        assertThat(target).isEmptyDirectory();
    }

    @Test
    void folder_is_no_archive() {
        assertThatThrownBy(() -> new ArchiveReader(ArchiveSource.file(folder)))
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining("it is not a file");
    }

    @Test
    void what_is_no_archive_is_told_so() throws Exception {
        Path text = Files.writeString(folder.resolve("text"), "hello, this is no archive at all");
        assertThatThrownBy(() -> Extraction.run(ArchiveSource.file(text), folder.resolve("target"), _ -> true))
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining("read archive " + text);
        assertThatThrownBy(() ->
                        Extraction.run(ArchiveSource.file(folder.resolve("none")), folder.resolve("target"), _ -> true))
                .hasMessageContaining("there is no such file");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void archive_that_is_cut_off_is_damaged_wherever_the_cut_is(boolean compressed) throws Exception {
        Path whole = folder.resolve("archive");
        try (ArchiveWriter writer = new ArchiveWriter(whole, ArchiveWriter.beside(whole), compressed, Instant.EPOCH)) {
            for (int i = 0; i < 50; i++) {
                writer.add(new ArchivePath("pods", "ns", "p" + i), "v1", JSON);
            }
            writer.commit();
        }
        byte[] bytes = Files.readAllBytes(whole);
        // A tar ends with two empty records, and what fills its last block up says nothing.
        int end = compressed ? bytes.length : bytes.length - 10_240;
        for (int length = 0; length < end; length += compressed ? 7 : 256) {
            Path cut = folder.resolve("cut");
            Files.write(cut, java.util.Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Extraction.run(ArchiveSource.file(cut), folder.resolve("target"), _ -> true))
                    .as("cut at " + length)
                    .isInstanceOf(ArchiveException.class);
        }
    }

    @Test
    void folder_that_is_not_empty_is_not_unpacked_into() throws Exception {
        Path file = folder.resolve("archive");
        try (ArchiveWriter writer = new ArchiveWriter(file, ArchiveWriter.beside(file), true, Instant.EPOCH)) {
            writer.commit();
        }
        assertThatThrownBy(() -> Extraction.run(ArchiveSource.file(file), folder, _ -> true))
                .isInstanceOfSatisfying(
                        ArchiveException.class, e -> assertThat(e.code()).isEqualTo(Code.TARGET));
    }

    private Path hostile(String name, byte type) throws IOException {
        Path file = folder.resolve("hostile.tar.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file));
                TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            put(tar, new TarArchiveEntry("metadata/version"), "1.1.0".getBytes(StandardCharsets.US_ASCII));
            put(tar, new TarArchiveEntry("resources/pods/namespaces/ns/good.json"), JSON);
            TarArchiveEntry evil = new TarArchiveEntry(name, type, true);
            evil.setLinkName(type == TarConstants.LF_SYMLINK ? "/etc/passwd" : "");
            put(tar, evil, type == TarConstants.LF_SYMLINK ? new byte[0] : JSON);
        }
        return file;
    }

    private static void put(TarArchiveOutputStream tar, TarArchiveEntry entry, byte[] content) throws IOException {
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    @Test
    void two_writers_of_one_archive_do_not_meet() throws Exception {
        Path file = folder.resolve("twice.tar");
        Path stranger = Files.writeString(folder.resolve(".twice.tar.1.tmp"), "not ours");
        try (ArchiveWriter first = new ArchiveWriter(file, ArchiveWriter.beside(file), true, Instant.EPOCH)) {
            ArchiveWriter second = new ArchiveWriter(file, ArchiveWriter.beside(file), true, Instant.EPOCH);
            byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
            first.add(new ArchivePath("pods", "a", "first"), "v1", json);
            second.add(new ArchivePath("pods", "a", "second"), "v1", json);
            second.close();
            assertThat(first.commit()).isEqualTo(Files.size(file));
        }
        try (ArchiveReader reader = new ArchiveReader(ArchiveSource.file(file))) {
            ArchiveReader.Item item = reader.next();
            assertThat(item).isNotNull();
            assertThat(item.path().name()).isEqualTo("first");
        }
        assertThat(stranger).hasContent("not ours");
        assertThat(folder.toFile().list())
                .containsExactlyInAnyOrder("twice.tar", stranger.getFileName().toString());
    }

    @Test
    void place_aside_is_known_by_its_name() {
        assertThat(ArchiveWriter.mayBeAside(ArchiveWriter.beside(Path.of("/backup/a.tar.gz"))))
                .isTrue();
        assertThat(ArchiveWriter.mayBeAside(Path.of("/backup/a.tar.gz"))).isFalse();
        assertThat(ArchiveWriter.mayBeAside(Path.of("/"))).isFalse();
        assertThat(ArchiveWriter.mayBeAside(Path.of(".a.tar.gz.0123abcd.tmp"))).isFalse();
    }
}
