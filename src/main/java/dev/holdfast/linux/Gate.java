package dev.holdfast.linux;

/** Makes system calls. */
interface Gate {
    /** What the kernel returns: below zero it is an error number. */
    long call(long number, long a, long b, long c, long d, long e);

    /** An image chooses while it is built, so that it holds only the one it needs. */
    static Gate ofThisProgram() {
        boolean image = System.getProperty("org.graalvm.nativeimage.imagecode") != null;
        return image ? new ImageGate() : new ForeignGate();
    }
}
