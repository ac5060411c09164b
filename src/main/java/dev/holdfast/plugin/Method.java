package dev.holdfast.plugin;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The gRPC methods of the protocol. Messages stay bytes here; their records encode and decode themselves. */
final class Method {
    /** Of one message. An object of Kubernetes has at most 1.5 MiB as etcd keeps it, and may grow as JSON. */
    static final int MESSAGE_BYTES_MAX = 32 << 20;

    static final MethodDescriptor<byte[], byte[]> LIST_PLUGINS = unary("generated.PluginLister", "ListPlugins");
    static final MethodDescriptor<byte[], byte[]> HEALTH = unary("grpc.health.v1.Health", "Check");
    static final MethodDescriptor<byte[], byte[]> SHUTDOWN = unary("plugin.GRPCController", "Shutdown");
    static final MethodDescriptor<byte[], byte[]> PROGRESS = unary("v2.BackupItemAction", "Progress");
    static final MethodDescriptor<byte[], byte[]> CANCEL = unary("v2.BackupItemAction", "Cancel");

    private Method() {}

    static MethodDescriptor<byte[], byte[]> appliesTo(ActionKind kind) {
        return unary(kind.service(), "AppliesTo");
    }

    /** The method that asks about an object. */
    static MethodDescriptor<byte[], byte[]> ask(ActionKind kind) {
        return unary(kind.service(), kind.method());
    }

    private static MethodDescriptor<byte[], byte[]> unary(String service, String method) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, method))
                .setRequestMarshaller(Bytes.INSTANCE)
                .setResponseMarshaller(Bytes.INSTANCE)
                .build();
    }

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        INSTANCE;

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw Status.INTERNAL
                        .withDescription("read a message")
                        .withCause(e)
                        .asRuntimeException();
            }
        }
    }
}
