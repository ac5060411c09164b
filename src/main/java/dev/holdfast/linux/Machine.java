package dev.holdfast.linux;

/** Which of the two processor families this is. */
public final class Machine {
    /** Whether it is aarch64; otherwise it is x86-64. */
    public static final boolean ARM = isArm(System.getProperty("os.arch", ""));

    private Machine() {}

    private static boolean isArm(String architecture) {
        return switch (architecture) {
            case "amd64", "x86_64" -> false;
            case "aarch64", "arm64" -> true;
            default -> throw new IllegalStateException("no system call numbers for " + architecture);
        };
    }
}
