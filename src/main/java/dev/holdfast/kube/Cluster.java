package dev.holdfast.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.InputStream;
import java.util.Optional;

/**
 * The cluster, behind the gate. Every request through it takes its turn in the node's one budget. Where there is no
 * cluster everything but {@link #configured} ends in {@link KubeException.Code#NO_CLUSTER}.
 */
public interface Cluster {
    /** Media type of plain answers. */
    String JSON = "application/json";

    /** Whether there is a cluster to ask. */
    boolean configured();

    /** Always the same one for a lane; not to be closed by who asks for it. */
    KubernetesClient client(Lane lane) throws KubeException;

    /**
     * One GET, read in full (at most 64 MiB) and tried again where that is right. Blocks: not for event loops.
     *
     * @throws KubeException also for every answer that is no success
     */
    RawAnswer get(Lane lane, String pathAndQuery, String accept) throws KubeException;

    /**
     * One GET as a stream, which is read from the server no faster than by who reads it here. To be closed. Blocks.
     *
     * @throws KubeException also for every answer that is no success
     */
    InputStream open(Lane lane, String pathAndQuery, String accept) throws KubeException;

    /** What the cluster has. */
    Discovery discovery() throws KubeException;

    /** A custom resource definition as JSON, from one list for all of them; empty if there is none of that name. */
    Optional<byte[]> definition(String name) throws KubeException;
}
