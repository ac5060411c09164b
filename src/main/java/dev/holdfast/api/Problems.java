package dev.holdfast.api;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.holdfast.session.SessionConflict;
import dev.holdfast.session.SessionRefused;
import dev.holdfast.session.SessionStoreException;
import dev.holdfast.session.SessionsClosed;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns whatever went wrong with a request into a problem document, in this one place. */
final class Problems {
    static final String MEDIA_TYPE = "application/problem+json";

    private static final Logger LOG = Logger.getLogger(Problems.class);

    @ServerExceptionMapper
    Response refused(ApiException e) {
        return problem(e.status(), e.code(), e.detail());
    }

    @ServerExceptionMapper
    Response conflict(SessionConflict e) {
        return problem(409, "CONFLICT", String.valueOf(e.getMessage()));
    }

    @ServerExceptionMapper
    Response closed(SessionsClosed e) {
        return problem(503, "NOT_READY", e.getMessage() + "; try again");
    }

    /** Found a moment ago, and forgotten since. */
    @ServerExceptionMapper
    Response forgotten(NoSuchElementException e) {
        return problem(404, "SESSION_UNKNOWN", e.getMessage() + "; `holdfast sessions` lists them");
    }

    @ServerExceptionMapper
    Response unstorable(SessionRefused e) {
        String detail = String.valueOf(e.getMessage());
        return e.taken() ? problem(409, "CONFLICT", detail) : problem(400, "INVALID_REQUEST", detail);
    }

    @ServerExceptionMapper
    Response notStored(SessionStoreException e) {
        return problem(
                507, "STORE_IO", e.getMessage() + "; nothing was changed. Make room in the agent's state directory");
    }

    @ServerExceptionMapper
    Response badJson(MismatchedInputException e) {
        return problem(400, "INVALID_REQUEST", describe(e));
    }

    @ServerExceptionMapper
    Response web(WebApplicationException e) {
        if (e.getCause() instanceof JsonProcessingException json) {
            return problem(400, "INVALID_REQUEST", describe(json));
        }
        int status = e.getResponse().getStatus();
        String detail =
                switch (status) {
                    case 404 -> "there is nothing at this address; the API is below /api/v1, see /q/openapi";
                    case 405 -> "this address does not take that method; see /q/openapi";
                    case 406 -> "nothing of what is accepted can be produced here; application/json can";
                    case 415 -> "the body must be application/json";
                    default -> String.valueOf(e.getMessage());
                };
        String code = status == 404 ? "NOT_FOUND" : status >= 500 ? "INTERNAL" : "INVALID_REQUEST";
        return problem(status, code, detail);
    }

    @ServerExceptionMapper
    Response bug(RuntimeException e) {
        LOG.error("request failed", e);
        return problem(500, "INTERNAL", "the agent failed to answer; its log has the details");
    }

    private static String describe(JsonProcessingException e) {
        return switch (e) {
            case UnrecognizedPropertyException unknown ->
                "unknown field \"" + unknown.getPropertyName() + "\"; known are "
                        + unknown.getKnownPropertyIds().stream()
                                .map(Object::toString)
                                .sorted()
                                .collect(Collectors.joining(", "));
            case InvalidFormatException format ->
                "field \"" + field(format) + "\": \"" + format.getValue() + "\" is not a "
                        + kind(format.getTargetType());
            case MismatchedInputException mismatch ->
                mismatch.getPath().isEmpty()
                        ? "the body must be one JSON object"
                        : "field \"" + field(mismatch) + "\" must be a " + kind(mismatch.getTargetType());
            case JsonParseException parse ->
                "the body is not JSON: line " + parse.getLocation().getLineNr() + ", column "
                        + parse.getLocation().getColumnNr();
            default -> "the body cannot be read as JSON";
        };
    }

    private static String kind(Class<?> type) {
        return type == String.class ? "string" : "number";
    }

    private static String field(JsonMappingException e) {
        return e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .collect(Collectors.joining("."));
    }

    private static Response problem(int status, String code, String detail) {
        Response.Status known = Response.Status.fromStatusCode(status);
        String title = status == 507 ? "Insufficient Storage" : known == null ? "Error" : known.getReasonPhrase();
        Response.ResponseBuilder response = Response.status(status)
                .type(MEDIA_TYPE)
                .entity(new Problem("about:blank", title, status, detail, code));
        return status == 401
                ? response.header("WWW-Authenticate", "Bearer realm=\"holdfast\"")
                        .build()
                : response.build();
    }
}
