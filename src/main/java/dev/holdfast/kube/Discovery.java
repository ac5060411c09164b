package dev.holdfast.kube;

/** What the cluster has. One cache for all processes of the node; nobody discovers for himself. */
public interface Discovery {
    /**
     * What is known, without asking the server if that is no more than an hour old; what is older than the interval of
     * revalidation is renewed in the background.
     */
    DiscoverySnapshot snapshot() throws KubeException;

    /**
     * As {@link #snapshot}, for who takes all that there is: no older than 10 s, unless changes are heard of as they
     * happen. Where the server cannot be asked, what is known.
     */
    DiscoverySnapshot recent() throws KubeException;

    /** To be called when something is missed: asks the server, but no more than once in 10 s for all who miss. */
    DiscoverySnapshot refreshed() throws KubeException;
}
