package dev.holdfast.api;

import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lets reads pass and asks every write for the agent's token. */
@Provider
final class BearerFilter implements ContainerRequestFilter {
    private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");
    private static final String SCHEME = "bearer ";

    private final ApiToken token;
    private final AgentState agent;

    @Inject
    BearerFilter(ApiToken token, AgentState agent) {
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
        if (!token.matches(header.substring(SCHEME.length()).strip())) {
            throw refused("wrong token");
        }
    }

    private ApiException refused(String why) {
        return new ApiException(
                401,
                "UNAUTHORIZED",
                why + ": a write needs the header \"Authorization: Bearer <token>\" with the content of "
                        + agent.stateDir().resolve("api.token"));
    }
}
