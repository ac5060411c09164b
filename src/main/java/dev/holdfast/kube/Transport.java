package dev.holdfast.kube;

import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.vertx.core.Vertx;
import io.vertx.ext.web.client.WebClientOptions;

/**
 * Makes connections to the API server for all clients of one process: they share one pool, however many there are. A
 * request whose place in the gate is free again may be followed by the next one before its connection is back in the
 * pool, so the pool has a limit of its own.
 */
final class Transport extends VertxHttpClientFactory {
    private final String name;
    private final int connectionsMax;

    private Transport(Vertx vertx, String name, int connectionsMax) {
        super(vertx);
        this.name = name;
        this.connectionsMax = connectionsMax;
    }

    /** For requests that end. The next one waits for a connection. */
    static Transport limited(Vertx vertx, int connectionsMax) {
        return new Transport(vertx, "kube", connectionsMax);
    }

    /** For watches, which keep their connections, and for leases, which may not wait for one. */
    static Transport open(Vertx vertx) {
        return new Transport(vertx, "kube-open", 1024);
    }

    @Override
    protected void additionalConfig(WebClientOptions options) {
        options.setShared(true).setName(name).setMaxPoolSize(connectionsMax);
    }
}
