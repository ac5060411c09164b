package dev.holdfast.transfer.tree;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/** What the kernel says of a block device in {@code /sys}: which disk it is, now and after the machine started anew. */
record BlockDevice(Path sys, long rdev) {
    /** Names that makers and drivers give: of a disk, a volume of the device mapper, a partition, a loop device. */
    private static final List<String> NAMES = List.of(
            "wwid", "device/wwid", "device/serial", "serial", "device/vpd_pg83", "dm/uuid", "loop/backing_file");

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    static BlockDevice of(long rdev) {
        long major = rdev >>> 8 & 0xfff | rdev >>> 32 & ~0xfff;
        long minor = rdev & 0xff | rdev >>> 12 & ~0xff;
        return new BlockDevice(Path.of(String.format(Locale.ROOT, "/sys/dev/block/%d:%d", major, minor)), rdev);
    }

    /**
     * As {@link Identity}: for the file system, which of the disks that this run of the machine has seen; for the
     * birth, a hash of its name, or without one of the run, for in another run another disk may have its number.
     */
    Identity identity() throws IOException {
        return new Identity(number(), 0, name());
    }

    private long number() {
        String sequence = whole("diskseq");
        return sequence.isEmpty() ? rdev : Long.parseLong(sequence) << 32 ^ rdev;
    }

    private long name() throws IOException {
        List<String> known = new ArrayList<>();
        for (String name : NAMES) {
            String value = whole(name);
            if (!value.isEmpty()) {
                known.add(name + "=" + value);
            }
        }
        String name = known.isEmpty() ? Files.readString(BOOT_ID) + number() : known + read(sys.resolve("partition"));
        CRC32C hash = new CRC32C();
        hash.update(name.getBytes(StandardCharsets.UTF_8));
        return hash.getValue() + 1; // Never 0.
    }

    /** Of the device, or of the disk that it is a partition of. */
    private String whole(String name) {
        Path of = Files.exists(sys.resolve("partition")) ? sys.resolve("..") : sys;
        return read(of.resolve(name));
    }

    /** Empty where there is none, or where it may not be read. */
    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).strip();
        } catch (IOException absent) {
            return "";
        }
    }
}
