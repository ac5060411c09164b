package dev.holdfast.processes;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The user who may do nothing special, as whom tests that run as root run the packaged program. */
public final class Nobody {
    public static final int UID = 65534;

    private static final String CAN_RUN = "test -x \"$0\" && for file; do test -r \"$file\" || exit 1; done";

    private Nobody() {}

    /** Skips the test where this user cannot become nobody, or nobody cannot get at the program. */
    public static void assume() throws IOException, InterruptedException {
        assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
                "needs root, to become somebody else");
        List<String> files = Packaged.files().stream().map(Path::toString).toList();
        List<String> script = new ArrayList<>(List.of("sh", "-c", CAN_RUN));
        script.addAll(files);
        Process process = new ProcessBuilder(runs(script)).inheritIO().start();
        boolean can = process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        assumeTrue(can, "user " + UID + " must be able to run and read " + files);
    }

    /** The command, run by nobody. */
    public static List<String> runs(List<String> command) {
        List<String> whole =
                new ArrayList<>(List.of("setpriv", "--reuid=" + UID, "--regid=" + UID, "--clear-groups", "--"));
        whole.addAll(command);
        return whole;
    }
}
