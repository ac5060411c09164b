package dev.holdfast.mover.worker;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Takes a signal without ending the process, which a shutdown hook cannot. The one class for that in the JDK is
 * {@code sun.misc.Signal}; naming it in source is a compiler warning that nothing can switch off, so it is reached by
 * reflection with constant names, which a native image resolves by itself.
 */
final class Signals {
    private Signals() {}

    /** Runs {@code action} on a thread of its own whenever the signal arrives. */
    static void take(String signal, Runnable action) {
        try {
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
                case "handle" -> {
                    action.run();
                    yield null;
                }
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> arguments != null && proxy == arguments[0];
                default -> "handler of SIG" + signal;
            };
            Object proxy =
                    Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handlerType}, handler);
            Object wanted = type.getConstructor(String.class).newInstance(signal);
            type.getMethod("handle", type, handlerType).invoke(null, wanted, proxy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no signals on this Java", e);
        }
    }
}
