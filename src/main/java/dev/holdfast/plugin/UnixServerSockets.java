package dev.holdfast.plugin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import javax.net.ServerSocketFactory;

/** Makes server sockets that listen on a Unix socket, in the shape that gRPC's OkHttp transport takes. */
final class UnixServerSockets extends ServerSocketFactory {
    @Override
    public ServerSocket createServerSocket() throws IOException {
        return new Listener(ServerSocketChannel.open(StandardProtocolFamily.UNIX));
    }

    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
        return createServerSocket();
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog) throws IOException {
        return createServerSocket();
    }

    @Override
    public ServerSocket createServerSocket(int port, int backlog, InetAddress address) throws IOException {
        return createServerSocket();
    }

    private static final class Listener extends ServerSocket {
        private final ServerSocketChannel channel;

        Listener(ServerSocketChannel channel) throws IOException {
            this.channel = channel;
        }

        @Override
        public void bind(SocketAddress address) throws IOException {
            channel.bind(address);
        }

        @Override
        public void bind(SocketAddress address, int backlog) throws IOException {
            channel.bind(address, backlog);
        }

        @Override
        public Socket accept() throws IOException {
            return new UnixSocket(channel.accept());
        }

        @Override
        public SocketAddress getLocalSocketAddress() {
            try {
                return channel.getLocalAddress();
            } catch (IOException e) {
                throw new IllegalStateException("a socket that is not open", e);
            }
        }

        @Override
        public void setReuseAddress(boolean on) {}

        @Override
        public boolean isClosed() {
            return !channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            if (channel != null) { // The constructor of the superclass may fail before there is one.
                channel.close();
            }
        }
    }
}
