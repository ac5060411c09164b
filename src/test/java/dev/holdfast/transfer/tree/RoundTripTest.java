package dev.holdfast.transfer.tree;

import static dev.holdfast.transfer.tree.Trees.FORBIDDEN;
import static dev.holdfast.transfer.tree.Trees.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.transfer.os.Flag;
import dev.holdfast.transfer.os.Stat;
import dev.holdfast.transfer.tree.WarningSink.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Capture and restore, without the engine between them; what cannot be restored is reported. */
class RoundTripTest extends FidelityContract {
    @Override
    void copy() throws Exception {
        Trees.copy(source, target, FORBIDDEN);
    }

    /** Or reported, to those who may not give a file away. */
    @Override
    @Test
    void owners_also_of_links_are_restored() throws Exception {
        if (root) {
            super.owners_also_of_links_are_restored();
        } else {
            file("f", "x");
            Node node = apply("f", original -> ownedBy(original, OTHER, 04755), Kind.OWNER);
            assertThat(node.mode()).isEqualTo(0755);
        }
    }

    /** Or reported, to those who may not set them. */
    @Override
    @Test
    void trusted_attributes_and_capabilities_are_restored() throws Exception {
        if (root) {
            super.trusted_attributes_and_capabilities_are_restored();
        } else {
            file("f", "x");
            Xattr capability = new Xattr(bytes("security.capability"), Trees.netBindService());
            apply("f", node -> node.with(null, List.of(capability)), Kind.XATTR);
        }
    }

    /** Or reported, to those who may not make them, which root may not everywhere. */
    @Override
    @Test
    void devices_are_made_again() throws Exception {
        if (mayMakeDevices()) {
            super.devices_are_made_again();
        } else {
            assertThat(refused(Flag.S_IFCHR)).isEqualTo(List.of(Kind.SPECIAL));
        }
    }

    private static Node ownedBy(Node n, int owner, int mode) {
        return Node.of(new Stat(Flag.S_IFREG | mode, owner, owner, n.size(), 0, 0, 0, 0, 0, 0, 1, 0, 0));
    }

    /** Restores file {@code name} with other metadata, which must be reported; returns what came out. */
    private Node apply(String name, UnaryOperator<Node> change, Kind kind) throws Exception {
        List<Kind> warned = new ArrayList<>();
        try (SourceDirectory from = SourceDirectory.open(source);
                TargetDirectory to = TargetDirectory.prepare(target);
                TargetFile file = to.createFile(bytes(name))) {
            file.apply(change.apply(from.stat(bytes(name))), (what, message) -> warned.add(what));
            assertThat(warned).contains(kind);
            return file.stat();
        }
    }

    @Test
    void attribute_of_an_unknown_kind_is_reported_and_passed_over() throws Exception {
        file("f", "x");
        Node node = apply("f", n -> n.with(null, List.of(new Xattr(bytes("bogus.a"), bytes("v")))), Kind.XATTR);
        assertThat(node.mode()).isEqualTo(0640);
    }

    @Test
    void selinux_labels_stay_behind_unless_asked_for() throws Exception {
        file("f", "x");
        Xattr label = new Xattr(Attributes.SELINUX, bytes("not a label\0"));
        try (SourceDirectory from = SourceDirectory.open(source);
                TargetDirectory to = TargetDirectory.prepare(target);
                TargetFile file = to.createFile(bytes("f"))) {
            file.apply(from.stat(bytes("f")).with(null, List.of(label)), FORBIDDEN);
        }
    }

    private List<Kind> refused(int format) throws Exception {
        List<Kind> warned = new ArrayList<>();
        file("model", "");
        try (SourceDirectory from = SourceDirectory.open(source);
                TargetDirectory to = TargetDirectory.prepare(target)) {
            Node model = from.stat(bytes("model"));
            int mode = format | 0600;
            Node device = Node.of(new Stat(mode, model.uid(), model.gid(), 0, 0, 0, 0, 0, 0, 0, 1, 259, 0));
            assertThat(to.special(bytes("device"), device, (what, message) -> warned.add(what)))
                    .isFalse();
        }
        return warned;
    }

    @Test
    void names_come_in_the_order_of_their_unsigned_bytes() throws Exception {
        for (int i = 0; i < 3000; i++) {
            file("file" + i * 7919 % 3000, "");
        }
        file(new byte[] {(byte) 0x80}, new byte[0]);
        file("~", "");
        try (SourceDirectory from = SourceDirectory.open(source)) {
            List<byte[]> names = from.names();
            assertThat(names).hasSize(3002).isSortedAccordingTo(Arrays::compareUnsigned);
            assertThat(from.names()).hasSize(3002);
        }
    }
}
