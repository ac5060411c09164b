package dev.holdfast.mover.protocol;

import java.io.IOException;

/**
 * System calls on processes that Java does not offer. File descriptors are plain numbers and belong to the caller.
 * Blocking calls pin a virtual thread: use platform threads.
 */
public interface ProcessCalls {
    /** Ask to end. */
    int SIGTERM = 15;

    /** End at once. */
    int SIGKILL = 9;

    /** The calls of this machine. */
    static ProcessCalls system() {
        return new SyscallProcessCalls();
    }

    /** A descriptor of the process that has this id now, or -1 if there is none. */
    int pidfdOpen(long pid) throws IOException;

    /** Sends a signal; false if the process has ended. */
    boolean signal(int pidfd, int signal) throws IOException;

    /**
     * Waits until one of the descriptors is readable; a pidfd is when its process has ended.
     *
     * @param millis 0 returns at once, -1 waits without limit
     * @return whether each is readable, in the order given
     */
    boolean[] poll(int[] descriptors, long millis) throws IOException;

    /** A descriptor that is readable from {@link #wake} on, for ever. */
    int wakeup() throws IOException;

    /** Makes a descriptor of {@link #wakeup} readable. */
    void wake(int wakeup) throws IOException;

    /** Makes a descriptor of {@link #wakeup} unreadable again. */
    void calm(int wakeup);

    /** Gives a descriptor back. */
    void close(int descriptor);

    /** Makes this process leader of a session of its own; harmless if it is one. */
    void leadSession() throws IOException;

    /** Moves the calling thread into the cgroup namespace of process 1. */
    void joinHostCgroupNamespace() throws IOException;
}
