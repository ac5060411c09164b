package dev.holdfast.kube;

/** Errors of a cluster, for tests of what stands on it. */
public final class KubeErrors {
    private KubeErrors() {}

    public static KubeException of(KubeException.Code code) {
        return new KubeException(code, 0, "the test says " + code, null);
    }
}
