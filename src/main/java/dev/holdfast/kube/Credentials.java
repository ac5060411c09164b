package dev.holdfast.kube;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.concurrent.CompletableFuture;

/**
 * Says who asks. In the place of fabric8's own, which sends a request that was answered 401 once more, past the gate
 * and with the same token.
 */
final class Credentials implements Interceptor {
    private static final String AUTHORIZATION = "Authorization";
    private static final int UNAUTHORIZED = 401;

    private final ClusterAccess access;

    Credentials(ClusterAccess access) {
        this.access = access;
    }

    @Override
    public void before(BasicBuilder request, HttpRequest sent, RequestTags tags) {
        String bearer = access.bearer();
        if (bearer != null) {
            request.setHeader(AUTHORIZATION, "Bearer " + bearer);
        }
    }

    /** The next request reads the token anew. */
    @Override
    public CompletableFuture<Boolean> afterFailure(BasicBuilder request, HttpResponse<?> answer, RequestTags tags) {
        if (answer.code() == UNAUTHORIZED) {
            access.forget();
        }
        return CompletableFuture.completedFuture(false);
    }
}
