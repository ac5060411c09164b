package dev.holdfast.transfer.tree;

import dev.holdfast.transfer.os.Errno;
import dev.holdfast.transfer.os.Posix;
import dev.holdfast.transfer.os.PosixException;
import dev.holdfast.transfer.os.RawName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** Reads the extended attributes of an entry; ACLs and capabilities are among them. */
final class Attributes {
    static final byte[] SELINUX = ascii("security.selinux");
    static final byte[] ACCESS_ACL = ascii("system.posix_acl_access");
    static final byte[] DEFAULT_ACL = ascii("system.posix_acl_default");

    private static final Posix POSIX = Posix.host();

    private Attributes() {}

    @FunctionalInterface
    private interface Getter {
        byte[] get(byte[] attribute) throws PosixException;
    }

    static List<Xattr> of(int directory, byte[] name, Supplier<String> display, WarningSink sink)
            throws PosixException {
        byte[] names;
        try {
            names = POSIX.llistxattr(directory, name);
        } catch (PosixException e) {
            return none(e, display, sink);
        }
        return read(names, attribute -> POSIX.lgetxattr(directory, name, attribute), display, sink);
    }

    static List<Xattr> of(int fd, Supplier<String> display, WarningSink sink) throws PosixException {
        byte[] names;
        try {
            names = POSIX.flistxattr(fd);
        } catch (PosixException e) {
            return none(e, display, sink);
        }
        return read(names, attribute -> POSIX.fgetxattr(fd, attribute), display, sink);
    }

    private static List<Xattr> none(PosixException e, Supplier<String> display, WarningSink sink)
            throws PosixException {
        if (e.errno() == Errno.ENOENT || e.errno() == Errno.EIO || e.errno() == Errno.ESTALE || e.isShortage()) {
            throw e;
        }
        if (e.errno() != Errno.EOPNOTSUPP) {
            sink.warn(WarningSink.Kind.XATTR, display.get() + ": " + e.getMessage());
        }
        return List.of();
    }

    private static List<Xattr> read(byte[] names, Getter getter, Supplier<String> display, WarningSink sink)
            throws PosixException {
        if (names.length == 0) {
            return List.of();
        }
        List<Xattr> attributes = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < names.length; i++) {
            if (names[i] == 0) {
                byte[] attribute = Arrays.copyOfRange(names, start, i);
                start = i + 1;
                try {
                    attributes.add(new Xattr(attribute, getter.get(attribute)));
                } catch (PosixException e) {
                    if (e.isShortage()) {
                        throw e;
                    }
                    if (e.errno() != Errno.ENODATA) {
                        String label = RawName.display(attribute);
                        sink.warn(WarningSink.Kind.XATTR, display.get() + ": read " + label + ": " + e.getMessage());
                    }
                }
            }
        }
        attributes.sort((a, b) -> Arrays.compareUnsigned(a.name(), b.name()));
        return attributes;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
