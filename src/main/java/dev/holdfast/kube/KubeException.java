package dev.holdfast.kube;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The API server did not do what it was asked: what was tried, on what, and what to do. */
public final class KubeException extends Exception {
    private static final long serialVersionUID = 1;

    /** Why; stable, for programs. */
    public enum Code {
        /** There is none here: not in a pod, and none configured. */
        NO_CLUSTER,
        UNAUTHORIZED,
        FORBIDDEN,
        NOT_FOUND,
        /** What was asked for has expired, such as the next page of a list: begin again. */
        GONE,
        THROTTLED,
        /** The request budget of this node did not let it pass in time. */
        WAITED_TOO_LONG,
        UNREACHABLE,
        SERVER_ERROR,
        /** The answer is longer than what is held in memory. */
        TOO_LONG,
        /** The server refused it for another reason. */
        REFUSED
    }

    private final Code code;
    private final int status;

    KubeException(Code code, int status, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.status = status;
    }

    static KubeException noCluster() {
        return new KubeException(
                Code.NO_CLUSTER,
                0,
                "there is no Kubernetes cluster here: run in a pod, or set holdfast.kube.kubeconfig",
                null);
    }

    /** For an answer that is no success. */
    static KubeException answered(int status, String what, String said) {
        Code code =
                switch (status) {
                    case 401 -> Code.UNAUTHORIZED;
                    case 403 -> Code.FORBIDDEN;
                    case 404 -> Code.NOT_FOUND;
                    case 410 -> Code.GONE;
                    case 429 -> Code.THROTTLED;
                    default -> status >= 500 ? Code.SERVER_ERROR : Code.REFUSED;
                };
        return new KubeException(code, status, what + ": status " + status + (said.isEmpty() ? "" : ", " + said), null);
    }

    /** For no answer at all. */
    static KubeException failed(String what, Throwable cause) {
        return cause instanceof WaitedTooLong
                ? new KubeException(Code.WAITED_TOO_LONG, 0, what + ": " + cause.getMessage(), cause)
                : new KubeException(Code.UNREACHABLE, 0, what + ": no answer: " + reason(cause), cause);
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null
                ? cause.getClass().getSimpleName().replace("Exception", "").toLowerCase(Locale.ROOT)
                : message;
    }

    public Code code() {
        return code;
    }

    /** Of HTTP; 0 where there was no answer. */
    public int status() {
        return status;
    }
}
