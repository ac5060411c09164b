package dev.holdfast.api;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What describes this API, as the build has made it from the annotations here. */
@Path("/q/openapi")
public final class OpenApiResource {
    @GET
    @Produces({"application/yaml", MediaType.TEXT_PLAIN})
    @Operation(hidden = true)
    public byte[] yaml() throws IOException {
        return read("/openapi.yaml");
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
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
