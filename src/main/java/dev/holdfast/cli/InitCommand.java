package dev.holdfast.cli;

import dev.holdfast.transfer.TransferException;
import dev.holdfast.transfer.repository.Repository;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a repository and its key. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = "Make an empty repository and its key. Who loses the key loses the backups: keep a copy.")
final class InitCommand implements Callable<Integer> {
    @Parameters(paramLabel = "<repository>", description = "directory to make; absent or empty")
    Path directory = Path.of("");

    @Option(
            names = {"-k", "--key-file"},
            paramLabel = "<file>",
            description = "where to write the key (default: $HOLDFAST_KEY_FILE, else <repository>.key)")
    @Nullable
    Path keyGiven;

    @Option(names = "--json", description = "print JSON")
    boolean json;

    @Override
    public Integer call() throws TransferException {
        Path repository = RepositoryOptions.absolute(directory);
        Path keyFile = RepositoryOptions.keyFileToMake(repository, keyGiven);
        try (Repository made = Repository.init(repository, keyFile)) {
            if (json) {
                System.out.println(Json.line(Json.object()
                        .put("type", "repository")
                        .put("id", made.id())
                        .put("repository", repository.toString())
                        .put("keyFile", keyFile.toString())));
            } else {
                System.out.println("made repository " + repository + " (" + made.id() + ")");
                System.out.println("its key is " + keyFile + ": keep a copy in another place; without it nothing"
                        + " in the repository can be read");
            }
        }
        return ExitCode.OK.number();
    }
}
