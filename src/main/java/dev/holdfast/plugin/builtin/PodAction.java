package dev.holdfast.plugin.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.plugin.Answer;
import dev.holdfast.plugin.ItemAction;
import dev.holdfast.plugin.ItemId;
import dev.holdfast.plugin.PluginException;
import dev.holdfast.plugin.Selector;
import java.util.ArrayList;
import java.util.List;

/** A pod needs its claims, those that Kubernetes makes for its ephemeral volumes included, and its priority class. */
final class PodAction implements ItemAction {
    @Override
    public String name() {
        return "holdfast.dev/pod";
    }

    @Override
    public Selector selector() {
        return Selector.resources("pods");
    }

    @Override
    public Answer ask(byte[] item, byte[] backup) throws PluginException {
        Item pod = Item.read(item);
        List<ItemId> needed = new ArrayList<>();
        String priority = pod.json().path("spec").path("priorityClassName").asText();
        if (!priority.isEmpty()) {
            needed.add(new ItemId("scheduling.k8s.io", "priorityclasses", "", priority));
        }
        for (JsonNode volume : pod.json().path("spec").path("volumes")) {
            String claim =
                    volume.path("persistentVolumeClaim").path("claimName").asText();
            if (volume.has("ephemeral")) {
                claim = pod.name() + "-" + volume.path("name").asText();
            }
            if (!claim.isEmpty()) {
                needed.add(new ItemId("", "persistentvolumeclaims", pod.namespace(), claim));
            }
        }
        return Answer.add(needed);
    }
}
