package dev.holdfast.transfer.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PosixTest {
    private final Posix posix = Posix.host();

    @TempDir
    Path temp;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void status_agrees_with_what_java_says() throws Exception {
        Path file = Files.writeString(temp.resolve("f"), "hello");
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_600_000_000, 123_456_789)));
        Map<String, Object> expected = Files.readAttributes(file, "unix:*");
        Stat stat = posix.statx(Flag.AT_FDCWD, bytes(file.toString()));
        assertThat(stat.mode()).isEqualTo(expected.get("mode"));
        assertThat(stat.inode()).isEqualTo(expected.get("ino"));
        assertThat(stat.device()).isEqualTo(expected.get("dev"));
        assertThat(expected.get("nlink")).hasToString("" + stat.links());
        assertThat(stat.uid()).isEqualTo(expected.get("uid"));
        assertThat(stat.gid()).isEqualTo(expected.get("gid"));
        assertThat(stat.size()).isEqualTo(5);
        Instant changed = Instant.ofEpochSecond(stat.ctimeSeconds(), stat.ctimeNanos());
        assertThat(expected.get("ctime")).isEqualTo(FileTime.from(changed));
        assertThat(stat.mtimeSeconds()).isEqualTo(1_600_000_000);
        assertThat(stat.mtimeNanos()).isEqualTo(123_456_789);
        assertThat(stat.format()).isEqualTo(Flag.S_IFREG);
    }

    @Test
    void device_number_agrees_with_what_java_says() throws Exception {
        Stat stat = posix.statx(Flag.AT_FDCWD, bytes("/dev/null"));
        assertThat(stat.format()).isEqualTo(Flag.S_IFCHR);
        assertThat(stat.rdev()).isEqualTo(Files.getAttribute(Path.of("/dev/null"), "unix:rdev"));
    }

    @Test
    void failure_carries_the_number_and_says_what_was_tried_on_what() {
        assertThatThrownBy(() -> posix.openat(Flag.AT_FDCWD, bytes("/no/such\nfile"), Flag.O_RDONLY, 0))
                .isInstanceOfSatisfying(
                        PosixException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
                .hasMessage("open /no/such\\x0afile: no such file or directory");
        assertThatThrownBy(() -> posix.fdatasync(-1))
                .isInstanceOfSatisfying(
                        PosixException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF))
                .hasMessage("fdatasync fd -1: bad file descriptor");
    }

    @Test
    void name_longer_than_the_kernel_takes_is_refused_and_not_shortened() {
        byte[] name = new byte[100_000];
        Arrays.fill(name, (byte) 'x');
        for (int length : new int[] {256, 4096, 4200, 100_000}) {
            byte[] shorter = Arrays.copyOf(name, length);
            assertThatThrownBy(() -> posix.statx(Flag.AT_FDCWD, shorter))
                    .isInstanceOfSatisfying(
                            PosixException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENAMETOOLONG));
        }
    }

    @Test
    void reads_and_writes_of_any_size_come_in_parts() throws Exception {
        byte[] data = new byte[3 << 20];
        new Random(21).nextBytes(data);
        Path file = temp.resolve("f");
        int fd = posix.openat(Flag.AT_FDCWD, bytes(file.toString()), Flag.O_CREAT | Flag.O_RDWR, 0600);
        int done = 0;
        while (done < data.length) {
            done += posix.pwrite(fd, data, done, data.length - done, done);
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(data);
        byte[] read = new byte[data.length + 10];
        int at = 0;
        int count;
        while ((count = posix.pread(fd, read, at, read.length - at, at)) > 0) {
            at += count;
        }
        assertThat(at).isEqualTo(data.length);
        assertThat(Arrays.copyOf(read, at)).isEqualTo(data);
        posix.close(fd);
    }

    @Test
    void descriptors_are_not_inherited() throws Exception {
        int fd = posix.openat(Flag.AT_FDCWD, bytes(temp.toString()), Flag.O_DIRECTORY, 0);
        String info = Files.readString(Path.of("/proc/self/fdinfo/" + fd));
        int flags = info.lines()
                .filter(line -> line.startsWith("flags:"))
                .mapToInt(line -> Integer.parseInt(line.substring(6).strip(), 8))
                .findFirst()
                .orElseThrow();
        assertThat(flags & Flag.O_CLOEXEC).isNotZero();
        assertThat(flags & Flag.O_DIRECTORY).isNotZero();
        posix.close(fd);
    }

    @Test
    void names_are_shown_as_text_where_they_are_text() {
        assertThat(RawName.display(bytes("grüße"))).isEqualTo("grüße");
        assertThat(RawName.display(new byte[] {'a', (byte) 0xff, '\n'})).isEqualTo("a\\xff\\x0a");
    }
}
