package dev.holdfast.api;

import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets reads pass and asks every write for the agent's token. Filters are made before the agent is (in a native image,
 * when it is built), so this one asks for both only when it needs them.
 */
@Provider
final class BearerFilter implements ContainerRequestFilter {
    private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");
    private static final String SCHEME = "bearer ";

    private final Instance<ApiToken> token;
    private final Instance<AgentState> agent;

    @Inject
    BearerFilter(Instance<ApiToken> token, Instance<AgentState> agent) {
        this.token = token;
        this.agent = agent;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (READS.contains(request.getMethod())) {
            return;
        }
        @Nullable String header = request.getHeaderString("Authorization");
        if (header == null || !header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            throw refused("no token");
        }
        if (!token.get().matches(header.substring(SCHEME.length()).strip())) {
            throw refused("wrong token");
        }
    }

    private ApiException refused(String why) {
        return new ApiException(
                401,
                "UNAUTHORIZED",
                why + ": a write needs the header \"Authorization: Bearer <token>\" with the content of "
                        + agent.get().stateDir().resolve("api.token"));
    }
}
