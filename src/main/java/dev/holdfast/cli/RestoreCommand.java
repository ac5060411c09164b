package dev.holdfast.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.transfer.TransferPlan;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Moves a snapshot out of the repository. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = "Restore a snapshot to an empty or absent directory, or to a device or image file.")
final class RestoreCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "<snapshot>",
            description = "id, unambiguous prefix of one, `latest:<source>`, or `latest` where all are of one source")
    String snapshot = "";

    @Option(names = "--to", required = true, paramLabel = "<target>", description = "where to")
    Path target = Path.of("");

    @Mixin
    RepositoryOptions repository = new RepositoryOptions();

    @Mixin
    TransferOptions transfer = new TransferOptions();

    @Mixin
    AgentOptions agent = new AgentOptions();

    @Override
    public Integer call() throws Exception {
        transfer.check();
        Path to = RepositoryOptions.absolute(target);
        if (transfer.standalone) {
            Path file = Standalone.file(
                    agent.stateDirectory(), "restore", repository.repository().toString(), snapshot + "\0" + to);
            return new Standalone(file, transfer.json)
                    .run(ticket -> new TransferPlan.Restore(
                            repository.repository(),
                            repository.keyFile(),
                            agent.stateDirectory(),
                            ticket.sessionId(),
                            ticket.token(),
                            transfer.workersHere(),
                            transfer.bytesPerSecondMax(),
                            snapshot,
                            to));
        }
        ObjectNode request = Json.object()
                .put("kind", "restore")
                .put("repository", repository.repository().toString())
                .put("keyFile", repository.keyFile().toString())
                .put("snapshot", snapshot)
                .put("target", to.toString());
        return new Follower(agent.client(), transfer.json).submit(request, transfer);
    }
}
