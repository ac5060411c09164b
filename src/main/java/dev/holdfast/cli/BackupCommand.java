package dev.holdfast.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.transfer.TransferPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Moves a directory, block device or image file into the repository. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        description = "Back up a directory, a block device or an image file.")
final class BackupCommand implements Callable<Integer> {
    @Parameters(paramLabel = "<source>", description = "directory, block device or image file")
    Path source = Path.of("");

    @Option(
            names = "--name",
            paramLabel = "<name>",
            description = "what its snapshots are filed under; equal names make increments (default: the path,"
                    + " without the host)")
    @Nullable
    String name;

    @Mixin
    RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    TransferOptions transfer = new TransferOptions();

    @Mixin
    AgentOptions agent = new AgentOptions();

    @Override
    public Integer call() throws Exception {
        transfer.check();
        Path from = RepositoryOptions.absolute(source);
        String sourceName = name == null ? from.toString() : name;
        if (transfer.standalone) {
            Path file = Standalone.file(
                    agent.stateDirectory(), "backup", repository.repository().toString(), sourceName);
            return new Standalone(file, transfer.json)
                    .run(ticket -> new TransferPlan.Backup(
                            repository.repository(),
                            repository.keyFile(),
                            agent.stateDirectory(),
                            ticket.sessionId(),
                            ticket.token(),
                            transfer.workersHere(),
                            transfer.bytesPerSecondMax(),
                            from,
                            sourceName));
        }
        if (Files.notExists(from)) {
            throw new CliException(
                    ExitCode.REFUSED, "back up " + from + ": there is no such file or directory; check the path");
        }
        ObjectNode request = Json.object()
                .put("kind", "backup")
                .put("repository", repository.repository().toString())
                .put("keyFile", repository.keyFile().toString())
                .put("source", from.toString())
                .put("sourceName", sourceName);
        return new Follower(agent.client(), transfer.json).submit(request, transfer);
    }
}
