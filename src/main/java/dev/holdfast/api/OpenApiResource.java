package dev.holdfast.api;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What describes this API, as the build has made it from the annotations here. */
@Path("/q/openapi")
public final class OpenApiResource {
    @GET
    @Produces({"application/yaml", "application/x-yaml;qs=0.9", "text/yaml;qs=0.9", "text/plain;qs=0.9"})
    @Operation(hidden = true)
    public byte[] yaml() throws IOException {
        return read("/openapi.yaml");
    }

    @GET
    @Produces("application/json;qs=0.8")
    @Operation(hidden = true)
    public byte[] json() throws IOException {
        return read("/openapi.json");
    }

    private static byte[] read(String name) throws IOException {
        try (InputStream in = OpenApiResource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is missing in this build");
            }
            return in.readAllBytes();
        }
    }
}
