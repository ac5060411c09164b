package dev.holdfast.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.Verification;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Proves that what is stored can be read and is what was sent. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Check the repository: that every snapshot is whole, and a sample (or all) of its data.")
final class VerifyCommand implements Callable<Integer> {
    @Option(
            names = "--percent",
            paramLabel = "<n>",
            description = "how much of the data to read, 1 to 100 (default: 5)")
    int percent = 5;

    @Option(names = "--full", description = "read all of it")
    boolean full;

    @Option(names = "--json", description = "print JSON")
    boolean json;

    @Mixin
    RepositoryOptions options = new RepositoryOptions();

    @Override
    public Integer call() throws CliException, TransferException, InterruptedException {
        if (percent < 1 || percent > 100) {
            throw new CliException(ExitCode.USAGE, "--percent " + percent + ": 1 to 100 are possible");
        }
        long begun = System.nanoTime();
        ProgressView view = ProgressView.of(Terminal.standard(), json);
        Verification.Report report = Verification.run(
                options.repository(),
                options.keyFile(),
                full ? 100 : percent,
                progress -> view.show("verify", ProgressView.Sample.of(progress)));
        view.close();
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        if (json) {
            System.out.println(Json.line(json(report, took)));
        } else {
            report.problems().forEach(problem -> System.err.println("damaged: " + problem));
            System.out.println("checked " + Figures.count(report.packs()) + " packs, "
                    + Figures.count(report.chunks()) + " chunks, " + Figures.bytes(report.bytes()) + " in "
                    + Figures.time(took) + ": "
                    + (report.problems().isEmpty()
                            ? "all well"
                            : report.problems().size() + " problems"));
        }
        return (report.problems().isEmpty() ? ExitCode.OK : ExitCode.DAMAGED).number();
    }

    private static ObjectNode json(Verification.Report report, Duration took) {
        ObjectNode node = Json.object()
                .put("type", "result")
                .put("packs", report.packs())
                .put("chunks", report.chunks())
                .put("bytes", report.bytes())
                .put("millis", took.toMillis());
        ArrayNode problems = node.putArray("problems");
        report.problems().forEach(problems::add);
        return node;
    }
}
