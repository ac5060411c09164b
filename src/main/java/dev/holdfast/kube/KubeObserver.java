package dev.holdfast.kube;

import java.time.Duration;

/** Learns what the gate does. Called from any thread, must not block. */
public interface KubeObserver {
    /** Nobody looks. */
    KubeObserver NONE = new KubeObserver() {};

    /**
     * A request was answered.
     *
     * @param child that sent it; {@code agent} for the agent itself
     * @param verb of Kubernetes: get, list, watch, create, ...
     * @param status of HTTP, or 0 without an answer
     * @param took from when it was sent to the head of the answer
     */
    default void answered(String child, String verb, int status, Duration took) {}

    /** A request had its turn, or gave up, after this time in the gate. */
    default void waited(String child, Lane lane, Duration waited, boolean gaveUp) {}

    /** A request is sent again; {@code reason} is the status, or {@code connection}. */
    default void retried(String reason) {}

    /** A request of a child was answered from what is known, without the API server. */
    default void servedFromCache(String child, String what) {}

    /** Discovery was fetched: {@code changed}, {@code unchanged} or {@code failed}. */
    default void discovered(String outcome, Duration took) {}
}
