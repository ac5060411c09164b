package dev.holdfast.plugin;

import dev.holdfast.plugin.PluginException.Code;
import io.grpc.MethodDescriptor;
import java.io.Closeable;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One plugin executable and its process: started when it is needed, started again within its budget when it crashed or
 * hung. What hangs twice in a row is given up: its budget would last for ever where a question may take long. One
 * question at a time. Lock: the object itself lets one thread ask; the end does not wait for the answer.
 */
final class PluginHost implements Closeable {
    private static final int HUNG_MAX = 2;

    private final PluginCommand command;
    private final PluginLimits limits;
    private final PluginSockets sockets;
    private final RestartBudget budget;
    private final InstantSource clock;
    private final Consumer<String> log;
    private volatile @Nullable PluginProcess process;
    private volatile boolean closed;
    private boolean startedOnce;
    private int hungInRow;

    private interface Decoder<T> {
        T decode(byte[] message) throws IOException;
    }

    /** @param log takes the lines of the plugin's log, and what becomes of its process */
    PluginHost(
            PluginCommand command,
            PluginLimits limits,
            PluginSockets sockets,
            InstantSource clock,
            Consumer<String> log) {
        this.command = command;
        this.limits = limits;
        this.sockets = sockets;
        this.budget = new RestartBudget(limits.restarts(), limits.restartWindow());
        this.clock = clock;
        this.log = log;
    }

    String name() {
        return command.name();
    }

    /** What the executable has to offer. Starts it. */
    List<Offer> offers() throws PluginException, InterruptedException {
        return answer(Method.LIST_PLUGINS, new byte[0], Offer::decode);
    }

    /** One of its plugins, as an action. Asks which objects it wants. */
    ItemAction action(ActionKind kind, String plugin) throws PluginException, InterruptedException {
        byte[] question = Question.about(plugin).encode();
        return new RemoteAction(kind, plugin, answer(Method.appliesTo(kind), question, Selector::decode));
    }

    private <T> T answer(MethodDescriptor<byte[], byte[]> method, byte[] request, Decoder<T> decoder)
            throws PluginException, InterruptedException {
        byte[] answer = call(method, request);
        try {
            return decoder.decode(answer);
        } catch (IOException e) {
            throw new PluginException(
                    Code.NONSENSE,
                    "plugin " + name() + ", " + method.getFullMethodName() + ": its answer is not readable: "
                            + e.getMessage(),
                    e);
        }
    }

    /** A question that met a crash is asked once more; what it dies of twice is its answer. */
    private synchronized byte[] call(MethodDescriptor<byte[], byte[]> method, byte[] request)
            throws PluginException, InterruptedException {
        try {
            return once(method, request);
        } catch (PluginException first) {
            if (Thread.interrupted()) {
                throw new InterruptedException(first.getMessage());
            }
            if (first.code() != Code.CRASHED || closed) {
                throw first;
            }
            log.accept(first.getMessage() + "; starting it again");
            try {
                return once(method, request);
            } catch (PluginException second) {
                second.addSuppressed(first);
                throw second;
            }
        }
    }

    private byte[] once(MethodDescriptor<byte[], byte[]> method, byte[] request)
            throws PluginException, InterruptedException {
        try {
            byte[] answer = running().call(method, request, limits.call());
            hungInRow = 0;
            return answer;
        } catch (PluginException e) {
            switch (e.code()) {
                case CRASHED -> discard();
                case HUNG -> {
                    hungInRow++;
                    discard();
                }
                default -> {}
            }
            throw e;
        }
    }

    private PluginProcess running() throws PluginException, InterruptedException {
        PluginProcess current = process;
        if (current != null && current.alive()) {
            return current;
        }
        discard();
        requireOpen();
        if (hungInRow >= HUNG_MAX) {
            throw new PluginException(
                    Code.GIVEN_UP,
                    "plugin " + name() + " is not started again: it hung " + hungInRow + " times in a row");
        }
        if (startedOnce && !budget.spend(clock.instant())) {
            throw new PluginException(
                    Code.GIVEN_UP, "plugin " + name() + " is not started again: it has used up its " + budget);
        }
        startedOnce = true;
        current = PluginProcess.start(command, limits.start(), sockets, log);
        process = current;
        if (closed) { // and may have seen none
            discard();
            requireOpen();
        }
        return current;
    }

    private void requireOpen() throws PluginException {
        if (closed) {
            throw new PluginException(Code.GIVEN_UP, "plugin " + name() + " is not needed any more");
        }
    }

    private void discard() {
        PluginProcess current = process;
        process = null;
        if (current != null) {
            current.kill();
        }
    }

    /** Ends its process, also in the middle of a question. */
    @Override
    public void close() {
        closed = true;
        PluginProcess current = process;
        process = null;
        if (current != null) {
            current.close();
        }
    }

    private final class RemoteAction implements ItemAction {
        private final ActionKind kind;
        private final String plugin;
        private final Selector selector;

        RemoteAction(ActionKind kind, String plugin, Selector selector) {
            this.kind = kind;
            this.plugin = plugin;
            this.selector = selector;
        }

        @Override
        public String name() {
            return plugin;
        }

        @Override
        public Selector selector() {
            return selector;
        }

        @Override
        public Answer ask(byte[] item, byte[] backup) throws PluginException {
            byte[] question = new Question(plugin, item, backup).encode();
            return answer(
                    Method.ask(kind), question, kind == ActionKind.ITEM_BLOCK ? Answer::decodeRelated : Answer::decode);
        }

        @Override
        public Operation progress(String operation, byte[] backup) throws PluginException {
            return answer(Method.PROGRESS, Operation.ask(plugin, operation, backup), Operation::decode);
        }

        @Override
        public void cancel(String operation, byte[] backup) throws PluginException {
            answer(Method.CANCEL, Operation.ask(plugin, operation, backup), _ -> Operation.DONE);
        }

        private <T> T answer(MethodDescriptor<byte[], byte[]> method, byte[] request, Decoder<T> decoder)
                throws PluginException {
            try {
                return PluginHost.this.answer(method, request, decoder);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PluginException(Code.CRASHED, "plugin " + plugin + ": interrupted", e);
            }
        }
    }
}
