package dev.holdfast.plugin;

import io.grpc.InsecureServerCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Serves actions to a host that speaks the plugin protocol: ours or Velero's. They are listed as version 2 and answer
 * to version 1 as well, for hosts that know only that; Velero refuses a name that is listed twice.
 */
public final class PluginServer {
    private static final byte[] EMPTY = {};
    /** {@code HealthCheckResponse} with status SERVING. */
    private static final byte[] SERVING = new ProtoWriter().number(1, 1).done();

    private final Map<String, ItemAction> actions = new LinkedHashMap<>();
    private final String command;
    private final Path socket;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final CountDownLatch told = new CountDownLatch(1);
    private final Server server;

    private interface Handler {
        byte[] answer(byte[] request) throws IOException, PluginException, StatusException;
    }

    /**
     * Listens from now on.
     *
     * @param command the executable that a host starts to get this server
     */
    public PluginServer(List<ItemAction> actions, String command, Path socket) throws IOException {
        actions.forEach(action -> this.actions.put(action.name(), action));
        this.command = command;
        this.socket = socket;
        OkHttpServerBuilder builder = OkHttpServerBuilder.forPort(
                        UnixDomainSocketAddress.of(socket), InsecureServerCredentials.create())
                .socketFactory(new UnixServerSockets())
                .maxInboundMessageSize(Method.MESSAGE_BYTES_MAX)
                .executor(threads);
        builder.addService(service("generated.PluginLister", Map.of(Method.LIST_PLUGINS, _ -> Offer.encode(offers()))));
        builder.addService(service("grpc.health.v1.Health", Map.of(Method.HEALTH, _ -> SERVING)));
        builder.addService(service("plugin.GRPCController", Map.of(Method.SHUTDOWN, _ -> shutdown())));
        builder.addService(service(
                ActionKind.BACKUP_ITEM.service(),
                Map.of(
                        Method.appliesTo(ActionKind.BACKUP_ITEM),
                        this::appliesTo,
                        Method.ask(ActionKind.BACKUP_ITEM),
                        this::execute)));
        builder.addService(service(
                ActionKind.BACKUP_ITEM_V2.service(),
                Map.of(
                        Method.appliesTo(ActionKind.BACKUP_ITEM_V2),
                        this::appliesTo,
                        Method.ask(ActionKind.BACKUP_ITEM_V2),
                        this::execute,
                        Method.PROGRESS,
                        this::progress,
                        Method.CANCEL,
                        this::cancel)));
        this.server = builder.build().start();
    }

    /** The line that tells the host where it listens. */
    public String handshake() {
        return new Handshake(socket).line();
    }

    /** Ends it soon. */
    public void stop() {
        told.countDown();
    }

    /** Returns when it has been told to end. */
    public void awaitShutdown() throws InterruptedException {
        told.await();
        server.shutdown();
        threads.shutdown();
    }

    private List<Offer> offers() {
        return actions.keySet().stream()
                .map(name -> new Offer(command, ActionKind.BACKUP_ITEM_V2.wireName(), name))
                .toList();
    }

    private byte[] shutdown() {
        stop();
        return EMPTY;
    }

    private byte[] appliesTo(byte[] request) throws IOException, StatusException {
        return meant(Question.decode(request)).selector().encode();
    }

    private byte[] execute(byte[] request) throws IOException, PluginException, StatusException {
        Question question = Question.decode(request);
        return meant(question).ask(question.item(), question.backup()).encode(question.item());
    }

    /** The question has the operation where others have the object. */
    private byte[] progress(byte[] request) throws IOException, PluginException, StatusException {
        Question question = Question.decode(request);
        return meant(question).progress(operation(question), question.backup()).encode();
    }

    private byte[] cancel(byte[] request) throws IOException, PluginException, StatusException {
        Question question = Question.decode(request);
        meant(question).cancel(operation(question), question.backup());
        return EMPTY;
    }

    private static String operation(Question question) {
        return new String(question.item(), StandardCharsets.UTF_8);
    }

    private ItemAction meant(Question question) throws StatusException {
        ItemAction action = actions.get(question.plugin());
        if (action == null) {
            throw Status.NOT_FOUND
                    .withDescription("there is no plugin " + question.plugin() + "; there are " + actions.keySet())
                    .asException();
        }
        return action;
    }

    private static ServerServiceDefinition service(
            String name, Map<MethodDescriptor<byte[], byte[]>, Handler> handlers) {
        ServerServiceDefinition.Builder builder = ServerServiceDefinition.builder(name);
        handlers.forEach((method, handler) -> builder.addMethod(
                method, ServerCalls.asyncUnaryCall((request, answer) -> serve(handler, request, answer))));
        return builder.build();
    }

    private static void serve(Handler handler, byte[] request, StreamObserver<byte[]> answer) {
        try {
            answer.onNext(handler.answer(request));
            answer.onCompleted();
        } catch (StatusException e) {
            answer.onError(e);
        } catch (IOException e) {
            answer.onError(Status.INVALID_ARGUMENT
                    .withDescription("the request is not readable: " + e.getMessage())
                    .asException());
        } catch (PluginException e) {
            answer.onError(Status.UNKNOWN.withDescription(e.getMessage()).asException());
        }
    }
}
