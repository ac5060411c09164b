package dev.holdfast.kube;

import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.http.TlsVersion;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Makes fabric8 build its HTTP clients behind the gate, those that it derives for itself included. */
final class GatedHttpClientFactory implements HttpClient.Factory {
    private final HttpClient.Factory limited;
    private final HttpClient.Factory open;
    private final RequestGate gate;
    private final Lane lane;

    /**
     * Behind a gate.
     *
     * @param limited makes connections for requests that end
     * @param open makes connections for what may not wait for one
     */
    GatedHttpClientFactory(HttpClient.Factory limited, HttpClient.Factory open, RequestGate gate, Lane lane) {
        this.limited = limited;
        this.open = open;
        this.gate = gate;
        this.lane = lane;
    }

    @Override
    public HttpClient.Builder newBuilder() {
        return new Gated(limited.newBuilder(), open.newBuilder());
    }

    /** Passes everything on to both, and puts the gate in front of what comes out. */
    private final class Gated implements HttpClient.Builder {
        private final HttpClient.Builder ending;
        private final HttpClient.Builder endless;

        Gated(HttpClient.Builder ending, HttpClient.Builder endless) {
            this.ending = ending;
            this.endless = endless;
        }

        private HttpClient.Builder both(Consumer<HttpClient.Builder> change) {
            change.accept(ending);
            change.accept(endless);
            return this;
        }

        @Override
        public HttpClient build() {
            return new GatedHttpClient(ending.build(), endless.build(), gate, lane);
        }

        @Override
        public HttpClient.Builder connectTimeout(long timeout, TimeUnit unit) {
            return both(it -> it.connectTimeout(timeout, unit));
        }

        @Override
        public HttpClient.Builder addOrReplaceInterceptor(String name, @Nullable Interceptor interceptor) {
            return both(it -> it.addOrReplaceInterceptor(name, interceptor));
        }

        @Override
        public HttpClient.Builder authenticatorNone() {
            return both(it -> it.authenticatorNone());
        }

        @Override
        public HttpClient.Builder sslContext(
                KeyManager @Nullable [] keyManagers, TrustManager @Nullable [] trustManagers) {
            return both(it -> it.sslContext(keyManagers, trustManagers));
        }

        @Override
        public HttpClient.Builder followAllRedirects() {
            return both(it -> it.followAllRedirects());
        }

        @Override
        public HttpClient.Builder proxyAddress(InetSocketAddress address) {
            return both(it -> it.proxyAddress(address));
        }

        @Override
        public HttpClient.Builder proxyAuthorization(String credentials) {
            return both(it -> it.proxyAuthorization(credentials));
        }

        @Override
        public HttpClient.Builder tlsVersions(TlsVersion... versions) {
            return both(it -> it.tlsVersions(versions));
        }

        @Override
        public HttpClient.Builder tlsServerName(String name) {
            return both(it -> it.tlsServerName(name));
        }

        @Override
        public HttpClient.Builder preferHttp11() {
            return both(it -> it.preferHttp11());
        }

        @Override
        public HttpClient.Builder proxyType(HttpClient.ProxyType type) {
            return both(it -> it.proxyType(type));
        }

        @Override
        public HttpClient.DerivedClientBuilder tag(Object value) {
            return both(it -> it.tag(value));
        }
    }
}
