package dev.holdfast.backup;

import dev.holdfast.plugin.PluginCommand;
import dev.holdfast.plugin.PluginLimits;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.List;

/** Which plugin executables a backup starts, and how each of them reaches the API server. */
public interface PluginSupply {
    PluginLimits limits();

    /** Folder for the sockets of plugins. */
    Path sockets();

    /** Opens a way to the API server for each executable. */
    Opened open();

    /** For one backup; closing it closes the ways. */
    interface Opened extends Closeable {
        List<PluginCommand> commands();

        /** One line for each executable that could not be given what it needs. */
        List<String> troubles();

        @Override
        void close();
    }
}
