package dev.holdfast.plugin;

import java.io.IOException;

/**
 * Names one Kubernetes object.
 *
 * @param group API group; empty for the core
 * @param resource plural, such as {@code persistentvolumeclaims}
 * @param namespace empty for an object of the whole cluster
 */
public record ItemId(String group, String resource, String namespace, String name) {
    /** As Velero writes it: {@code pods}, {@code deployments.apps}. */
    public String groupResource() {
        return group.isEmpty() ? resource : resource + "." + group;
    }

    @Override
    public String toString() {
        return groupResource() + " " + (namespace.isEmpty() ? name : namespace + "/" + name);
    }

    byte[] encode() {
        return new ProtoWriter()
                .text(1, group)
                .text(2, resource)
                .text(3, namespace)
                .text(4, name)
                .done();
    }

    static ItemId decode(byte[] message) throws IOException {
        String group = "";
        String resource = "";
        String namespace = "";
        String name = "";
        ProtoReader in = new ProtoReader(message);
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> group = in.text();
                case 2 -> resource = in.text();
                case 3 -> namespace = in.text();
                case 4 -> name = in.text();
                default -> in.skip();
            }
        }
        return new ItemId(group, resource, namespace, name);
    }
}
