package dev.holdfast.session;

import java.nio.file.Path;

/**
 * A session file that could not be read.
 *
 * @param name of the session, from the file's name
 * @param file where it is now
 * @param why for people, with what to do
 * @param newer whether a newer version wrote it: such a file stays where it is
 */
public record Quarantined(String name, Path file, String why, boolean newer) {}
