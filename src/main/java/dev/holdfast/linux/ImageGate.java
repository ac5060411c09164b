package dev.holdfast.linux;

import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.nativeimage.c.type.CIntPointer;

/**
 * In a native executable: {@code syscall(2)}, linked when the image is built. Nothing between the call and the look at
 * errno sets it: all that the thread may do there is wait for the garbage collector, on a mutex.
 */
final class ImageGate implements Gate {
    @Override
    public long call(long number, long a, long b, long c, long d, long e) {
        long result = syscall(number, a, b, c, d, e);
        return result == -1 ? -errno().read() : result;
    }

    @CFunction("syscall")
    private static native long syscall(long number, long a, long b, long c, long d, long e);

    @CFunction(value = "__errno_location", transition = CFunction.Transition.NO_TRANSITION)
    private static native CIntPointer errno();
}
