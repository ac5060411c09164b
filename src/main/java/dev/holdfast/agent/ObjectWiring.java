package dev.holdfast.agent;

import dev.holdfast.backup.NodePlugins;
import dev.holdfast.backup.ObjectBackups;
import dev.holdfast.cli.ThisProgram;
import dev.holdfast.config.PluginConfig;
import dev.holdfast.kube.Kube;
import dev.holdfast.plugin.PluginLimits;
import dev.holdfast.session.Sessions;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts the backup of objects together, and ends it before what it needs. */
@Singleton
public class ObjectWiring {
    /** Without these a plugin takes as much memory as an agent. */
    private static final List<String> PLUGIN_JVM_FLAGS =
            List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m");

    private static final int BEFORE_THE_AGENT = 100;

    private volatile @Nullable ObjectBackups made;

    @Produces
    @Singleton
    ObjectBackups objectBackups(Kube kube, PluginConfig config, Sessions sessions, Agent agent) {
        PluginLimits limits = new PluginLimits(
                config.startTimeout(),
                config.callTimeout(),
                PluginLimits.DEFAULT.restarts(),
                PluginLimits.DEFAULT.restartWindow());
        ObjectBackups backups = new ObjectBackups(
                kube,
                new NodePlugins(
                        kube, ThisProgram.command(PLUGIN_JVM_FLAGS), config.directory(), limits, agent.pluginSockets()),
                new SessionArchiveStore(sessions),
                agent.stateDir().resolve("objects"),
                InstantSource.system());
        made = backups;
        return backups;
    }

    void close(@Observes @Priority(BEFORE_THE_AGENT) ShutdownEvent event) {
        ObjectBackups backups = made;
        if (backups != null) {
            backups.close();
        }
    }
}
