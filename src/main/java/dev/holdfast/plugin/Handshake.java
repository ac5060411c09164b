package dev.holdfast.plugin;

import dev.holdfast.plugin.PluginException.Code;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The first line that a plugin prints: {@code 1|2|unix|/tmp/plugin123|grpc|}, go-plugin's version, the protocol's
 * version, network, address, transport; what follows is for features that are not used here.
 */
record Handshake(Path socket) {
    /** Of the first line, so that garbage without an end is not read for ever. */
    static final int BYTES_MAX = 4096;

    static final String COOKIE = "VELERO_PLUGIN";
    static final String COOKIE_VALUE = "hello";
    private static final String CORE_VERSION = "1";
    private static final String PROTOCOL_VERSION = "2";
    private static final int SHOWN_MAX = 80;

    static Handshake parse(String line) throws PluginException {
        String[] parts = line.strip().split("\\|", -1);
        if (parts.length < 5) {
            throw refused("said \"" + shown(line) + "\" where " + CORE_VERSION + "|" + PROTOCOL_VERSION
                    + "|unix|<socket>|grpc| was expected; is it a plugin for Velero?");
        }
        if (!parts[0].equals(CORE_VERSION)) {
            throw refused("speaks go-plugin version " + shown(parts[0]) + ", only " + CORE_VERSION + " is known");
        }
        if (!parts[1].equals(PROTOCOL_VERSION)) {
            throw refused("speaks plugin protocol version " + shown(parts[1]) + ", only " + PROTOCOL_VERSION
                    + " is known: get the plugin's build for Velero 1.2 or newer");
        }
        if (!parts[2].equals("unix")) {
            throw refused("listens on " + shown(parts[2]) + ", only a unix socket is taken");
        }
        if (!parts[4].equals("grpc")) {
            throw refused("speaks " + shown(parts[4]) + ", only grpc is known");
        }
        return new Handshake(socket(parts[3]));
    }

    /** The line for a plugin of ours. */
    String line() {
        return String.join("|", CORE_VERSION, PROTOCOL_VERSION, "unix", socket.toString(), "grpc", "");
    }

    private static Path socket(String text) throws PluginException {
        try {
            Path path = Path.of(text);
            if (path.isAbsolute()) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new PluginException(Code.HANDSHAKE, "named a socket that is no path: " + shown(text), e);
        }
        throw refused("named the socket \"" + shown(text) + "\", an absolute path is needed");
    }

    private static PluginException refused(String why) {
        return new PluginException(Code.HANDSHAKE, why);
    }

    private static String shown(String text) {
        return PluginLog.printable(text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "…" : text);
    }
}
