package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.backup.archive.ArchiveException;
import dev.holdfast.backup.archive.ArchiveReader;
import dev.holdfast.backup.archive.ArchiveSource;
import dev.holdfast.transfer.TransferException;
import java.io.IOException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a script learns from the exit code when an archive cannot be read. */
class ObjectsExtractCommandTest {
    @ParameterizedTest
    @EnumSource(
            value = TransferException.Code.class,
            names = {"REPOSITORY_IO", "REPOSITORY_NEWER", "REPOSITORY_DAMAGED", "SNAPSHOT_MISSING"})
    void trouble_of_the_repository_keeps_its_exit_code(TransferException.Code code) {
        TransferException trouble = new TransferException(code, "the disk has gone");
        ArchiveSource source = new ArchiveSource("of snapshot s", () -> {
            throw new IOException(trouble.getMessage(), trouble);
        });

        ArchiveException e =
                Assertions.catchThrowableOfType(ArchiveException.class, () -> new ArchiveReader(source).close());

        CliException refused = ObjectsExtractCommand.refused(e);
        assertThat(refused.exit()).isEqualTo(HoldfastCli.exitOf(code));
        assertThat(refused).hasMessage("read archive of snapshot s: the disk has gone");
    }
}
