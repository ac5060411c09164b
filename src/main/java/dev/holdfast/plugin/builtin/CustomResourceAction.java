package dev.holdfast.plugin.builtin;

import dev.holdfast.kube.Cluster;
import dev.holdfast.kube.KubeException;
import dev.holdfast.plugin.Answer;
import dev.holdfast.plugin.ItemAction;
import dev.holdfast.plugin.ItemId;
import dev.holdfast.plugin.PluginException;
import dev.holdfast.plugin.Selector;
import java.util.List;

/**
 * A custom resource needs its definition. Whether a resource is a custom one is not known here: a definition is named
 * for each whose group has a dot, as that of a definition must have, and the host passes over those that do not exist.
 */
final class CustomResourceAction implements ItemAction {
    private final Cluster cluster;

    CustomResourceAction(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public String name() {
        return "holdfast.dev/custom-resource";
    }

    @Override
    public Selector selector() {
        return new Selector(List.of(), List.of(), List.of(), List.of(), "", true);
    }

    @Override
    public Answer ask(byte[] item, byte[] backup) throws PluginException {
        Item resource = Item.read(item);
        if (!resource.group().contains(".")) {
            return Answer.KEEP;
        }
        try {
            return cluster.discovery()
                    .snapshot()
                    .find(resource.group(), resource.kind())
                    .map(known -> Answer.add(List.of(new ItemId(
                            "apiextensions.k8s.io",
                            "customresourcedefinitions",
                            "",
                            known.resource() + "." + resource.group()))))
                    .orElse(Answer.KEEP);
        } catch (KubeException e) {
            throw new PluginException(
                    PluginException.Code.REFUSED,
                    "find the definition of " + resource.kind() + "." + resource.group() + ": " + e.getMessage(),
                    e);
        }
    }
}
