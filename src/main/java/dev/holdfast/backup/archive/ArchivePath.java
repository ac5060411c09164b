package dev.holdfast.backup.archive;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an object lies in an archive.
 *
 * @param groupResource {@code pods}, {@code deployments.apps}
 * @param namespace empty for an object of the whole cluster
 */
public record ArchivePath(String groupResource, String namespace, String name) {
    private static final String PART = "([^/]+)";
    private static final Pattern ITEM =
            Pattern.compile("resources/" + PART + "/(?:cluster|namespaces/" + PART + ")/" + PART + "\\.json");

    public ArchivePath {
        require("resource", groupResource, false);
        require("namespace", namespace, true);
        require("name", name, false);
    }

    /** The first of the two places, the one that every version of Velero reads. */
    String plain() {
        return path("");
    }

    /** The second of the two, by API version. */
    String versioned(String version) {
        return path(version + "-preferredversion/");
    }

    /** The object at the first of the two places; empty for every other path. */
    static Optional<ArchivePath> parse(String path) {
        Matcher matcher = ITEM.matcher(path);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String namespace = matcher.group(2) == null ? "" : matcher.group(2);
        return Optional.of(new ArchivePath(matcher.group(1), namespace, matcher.group(3)));
    }

    private String path(String between) {
        String scope = namespace.isEmpty() ? "cluster" : "namespaces/" + namespace;
        return "resources/" + groupResource + "/" + between + scope + "/" + name + ".json";
    }

    /** Names come from API servers and plugins, and become file names where the archive is unpacked. */
    private static void require(String what, String value, boolean mayBeEmpty) {
        boolean hostile = value.contains("/")
                || value.equals(".")
                || value.equals("..")
                || value.chars().anyMatch(Character::isISOControl)
                || (value.isEmpty() && !mayBeEmpty);
        if (hostile) {
            throw new IllegalArgumentException(what + " \"" + value + "\" cannot be a file name");
        }
    }
}
