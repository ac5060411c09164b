package dev.holdfast.cli;

import java.util.Arrays;

/** How a command ended, for scripts. The numbers are a contract: README and {@code --help} list them. */
public enum ExitCode {
    OK(0, "done"),
    FAILED(1, "failed; the message says what to do"),
    USAGE(2, "wrong or missing option or argument"),
    CANCELED(3, "the session was canceled"),
    PARTIAL(4, "done, but something could not be taken or restored as it is (warnings)"),
    UNREACHABLE(5, "no agent answers"),
    REFUSED(6, "repository, key, snapshot or target refused; nothing was changed"),
    STOPPED(7, "stopped with a checkpoint; the same command goes on from there"),
    DAMAGED(8, "verify or restore found damage in the repository");

    private final int number;
    private final String meaning;

    ExitCode(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    /** What the process exits with. */
    public int number() {
        return number;
    }

    /** One line for people. */
    public String meaning() {
        return meaning;
    }

    /** The lines that {@code --help} ends with. */
    static String[] table() {
        return Arrays.stream(values())
                .map(code -> "  " + code.number + "  " + code.meaning)
                .toArray(String[]::new);
    }
}
