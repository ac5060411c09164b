package dev.holdfast.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What kind of place the agent runs in.
 *
 * @param uid user that the agent runs as
 * @param home directory of that user
 * @param container whether the end of the agent's container would end processes left in its cgroup
 */
record Surroundings(int uid, Path home, boolean container) {
    private static final int UNKNOWN_UID = 65534;

    static Surroundings find() {
        return new Surroundings(ownUid(), Path.of(System.getProperty("user.home", "/")), marked(System.getenv()));
    }

    boolean root() {
        return uid == 0;
    }

    private static int ownUid() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException _) {
            return UNKNOWN_UID;
        }
    }

    /** The marks that container runtimes and the kubelet leave. */
    private static boolean marked(Map<String, String> environment) {
        return environment.containsKey("KUBERNETES_SERVICE_HOST")
                || environment.containsKey("container")
                || Files.exists(Path.of("/.dockerenv"))
                || Files.exists(Path.of("/run/.containerenv"));
    }
}
