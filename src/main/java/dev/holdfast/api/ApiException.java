package dev.holdfast.api;

/** A request that is refused: HTTP status, stable code, and what to do about it. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int status;
    private final String code;

    ApiException(int status, String code, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.code = code;
    }

    static ApiException invalid(String detail) {
        return new ApiException(400, "INVALID_REQUEST", detail);
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
