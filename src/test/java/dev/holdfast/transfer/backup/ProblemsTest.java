package dev.holdfast.transfer.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.TransferException.Code;
import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.PosixException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemsTest {
    @ParameterizedTest
    @ValueSource(ints = {Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM})
    void a_want_that_may_pass_is_no_word_on_the_source(int errno) {
        PosixException why = new PosixException(errno, "openat", "file");
        assertThatExceptionOfType(TransferException.class)
                .isThrownBy(() -> Problems.unreadable((_, _) -> {}, "file", why))
                .satisfies(e -> assertThat(e.code().retryable()).isTrue());
        assertThat(Problems.failed("file", why).code()).isEqualTo(Code.SHORTAGE);
    }

    @Test
    void what_is_wrong_with_the_source_stays_so() {
        assertThat(Problems.failed("file", new PosixException(Errno.EIO, "read", "file"))
                        .code())
                .isEqualTo(Code.SOURCE_UNREADABLE);
    }
}
