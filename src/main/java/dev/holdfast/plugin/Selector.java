package dev.holdfast.plugin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Which objects an action wants to see. An empty list of included ones means all, {@code *} any part of a name.
 * Resources are named as people do; what such a name means is up to the cluster.
 *
 * @param labels label selector in Kubernetes' syntax; empty for all
 * @param oncePerKind the answer is the same for every object of a kind, so one of each kind is enough. An addition of
 *     ours to the protocol, under a number that other hosts pass over: they ask for each object
 */
public record Selector(
        List<String> includedNamespaces,
        List<String> excludedNamespaces,
        List<String> includedResources,
        List<String> excludedResources,
        String labels,
        boolean oncePerKind) {
    private static final int ONCE_PER_KIND = 1000;
    private static final Selector ALL = new Selector(List.of(), List.of(), List.of(), List.of(), "", false);

    public Selector {
        includedNamespaces = List.copyOf(includedNamespaces);
        excludedNamespaces = List.copyOf(excludedNamespaces);
        includedResources = List.copyOf(includedResources);
        excludedResources = List.copyOf(excludedResources);
    }

    /** Every object of these resources, such as {@code pods} or {@code deployments.apps}. */
    public static Selector resources(String... resources) {
        return new Selector(List.of(), List.of(), List.of(resources), List.of(), "", false);
    }

    /** As the answer to {@code AppliesTo}, which has nothing else. */
    byte[] encode() {
        byte[] selector = new ProtoWriter()
                .texts(1, includedNamespaces)
                .texts(2, excludedNamespaces)
                .texts(3, includedResources)
                .texts(4, excludedResources)
                .text(5, labels)
                .number(ONCE_PER_KIND, oncePerKind ? 1 : 0)
                .done();
        return new ProtoWriter().message(1, selector).done();
    }

    static Selector decode(byte[] message) throws IOException {
        ProtoReader in = new ProtoReader(message);
        Selector selector = ALL;
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field == 1) {
                selector = one(in.bytes());
            } else {
                in.skip();
            }
        }
        return selector;
    }

    private static Selector one(byte[] message) throws IOException {
        List<String> includedNamespaces = new ArrayList<>();
        List<String> excludedNamespaces = new ArrayList<>();
        List<String> includedResources = new ArrayList<>();
        List<String> excludedResources = new ArrayList<>();
        String labels = "";
        boolean oncePerKind = false;
        ProtoReader in = new ProtoReader(message);
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> includedNamespaces.add(in.text());
                case 2 -> excludedNamespaces.add(in.text());
                case 3 -> includedResources.add(in.text());
                case 4 -> excludedResources.add(in.text());
                case 5 -> labels = in.text();
                case ONCE_PER_KIND -> oncePerKind = in.number() != 0;
                default -> in.skip();
            }
        }
        return new Selector(
                includedNamespaces, excludedNamespaces, includedResources, excludedResources, labels, oncePerKind);
    }
}
