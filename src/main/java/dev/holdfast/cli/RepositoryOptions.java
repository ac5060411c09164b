package dev.holdfast.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which repository, and with which key. */
final class RepositoryOptions {
    @Option(
            names = {"-r", "--repository"},
            paramLabel = "<dir>",
            description = "directory of the repository (default: $HOLDFAST_REPOSITORY)")
    @Nullable
    Path given;

    @Option(
            names = {"-k", "--key-file"},
            paramLabel = "<file>",
            description = "file with the repository's key (default: $HOLDFAST_KEY_FILE, else <repository>.key)")
    @Nullable
    Path keyGiven;

    /** Absolute. */
    Path repository() throws CliException {
        if (given != null) {
            return absolute(given);
        }
        String environment = System.getenv("HOLDFAST_REPOSITORY");
        if (environment == null || environment.isBlank()) {
            throw new CliException(
                    ExitCode.USAGE, "which repository? give --repository <dir> or set HOLDFAST_REPOSITORY");
        }
        return absolute(Path.of(environment));
    }

    /** Absolute; it must exist. */
    Path keyFile() throws CliException {
        Path file = keyFileToMake(repository());
        if (Files.notExists(file)) {
            if (Files.notExists(repository())) {
                throw new CliException(
                        ExitCode.REFUSED,
                        "open repository " + repository() + ": there is no such directory; is it mounted, is the path"
                                + " right? `holdfast init` makes a new one");
            }
            throw new CliException(
                    ExitCode.REFUSED,
                    "read key " + file + ": there is no such file; say where the key is with --key-file or"
                            + " HOLDFAST_KEY_FILE, or make a new repository with `holdfast init`");
        }
        return file;
    }

    /** Absolute; nobody has looked whether it exists. */
    Path keyFileToMake(Path repository) {
        return keyFileToMake(repository, keyGiven);
    }

    static Path keyFileToMake(Path repository, @Nullable Path keyGiven) {
        if (keyGiven != null) {
            return absolute(keyGiven);
        }
        String environment = System.getenv("HOLDFAST_KEY_FILE");
        return environment == null || environment.isBlank()
                ? repository.resolveSibling(repository.getFileName() + ".key")
                : absolute(Path.of(environment));
    }

    static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }
}
