package dev.holdfast.cli.demo;

import dev.holdfast.cli.ExitCode;
import dev.holdfast.cli.Figures;
import dev.holdfast.cli.Terminal;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the main job: backs up a real tree while its agent and its mover are killed, restores it, compares. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Back up a real tree, kill agent and mover on the way, restore, compare everything. Takes about"
                + " two minutes and 4 GB of temporary space, needs no root, leaves nothing behind.")
public final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--folder",
            paramLabel = "<dir>",
            description = "where to work, in a new folder of its own (default: the temporary folder)")
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--bytes-min", hidden = true, description = "smallest tree")
    long bytesMin = 1L << 30;

    @Option(names = "--entries-min", hidden = true, description = "fewest entries")
    long entriesMin = 20_000;

    @Option(names = "--seconds", hidden = true, description = "how long the backup is made to last")
    int seconds = 30;

    /** For picocli. */
    public DemoCommand() {}

    @Override
    public Integer call() throws Exception {
        long begun = System.nanoTime();
        System.out.println("holdfast demo: a backup that outlives its agent");
        DemoFolder work = DemoFolder.make(folder.toAbsolutePath().normalize());
        boolean passed;
        try {
            DemoReport report = new DemoReport(System.out);
            new DemoStory(work, report, Terminal.standard(), seconds).tell(bytesMin, entriesMin);
            report.print();
            passed = report.passed();
        } finally {
            work.remove();
        }
        System.out.println((passed ? "demo passed" : "demo FAILED") + " in "
                + Figures.time(java.time.Duration.ofNanos(System.nanoTime() - begun)) + "; nothing is left behind");
        return (passed ? ExitCode.OK : ExitCode.FAILED).number();
    }
}
