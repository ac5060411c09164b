package dev.holdfast.kube;

import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509KeyManager;

/** Whom to trust and as whom to come, read from the same configuration as for the gate's other clients. */
final class Tls {
    private Tls() {}

    static void apply(ClusterAccess access, HttpClientOptions options) throws KubeException {
        try {
            TrustManager[] trusted = SSLUtils.trustManagers(access.config());
            if (trusted != null && trusted.length > 0) {
                options.setTrustOptions(TrustOptions.wrap(trusted[0]));
            }
            KeyManager[] keys = SSLUtils.keyManagers(access.config());
            if (keys != null && keys.length > 0 && keys[0] instanceof X509KeyManager key) {
                options.setKeyCertOptions(KeyCertOptions.wrap(key));
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new KubeException(
                    KubeException.Code.REFUSED, 0, "read the certificates for " + access.server() + ": " + e, e);
        }
    }
}
