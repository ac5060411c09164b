package dev.holdfast.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.kube.ApiResource;
import dev.holdfast.plugin.Answer;
import dev.holdfast.plugin.ItemAction;
import dev.holdfast.plugin.ItemId;
import dev.holdfast.plugin.PluginException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Asks the plugins about each object, one after the other, each about what the one before has made of it. What a plugin
 * fails at is a line in the report; the object then stays as it was before that plugin.
 */
final class ItemActions {
    private final byte[] backup;
    private final Findings findings;
    private final List<Chosen> actions = new ArrayList<>();
    private final Map<String, List<Chosen>> byResource = new HashMap<>();
    private final Set<String> asked = new HashSet<>();
    private final List<Pending> pending = new ArrayList<>();

    private record Chosen(ItemAction action, LabelSelector labels) {}

    /** Work that a plugin goes on with, and what is to be taken once it is done. */
    record Pending(ItemAction action, String operation, ItemId item, List<ItemId> afterwards) {}

    /** What has become of an object. */
    record Acted(ObjectNode item, List<ItemId> additional) {}

    ItemActions(List<ItemAction> actions, byte[] backup, Findings findings) {
        this.backup = backup;
        this.findings = findings;
        for (ItemAction action : actions) {
            try {
                this.actions.add(
                        new Chosen(action, new LabelSelector(action.selector().labels())));
            } catch (IllegalArgumentException e) {
                findings.failed("plugin " + action.name() + " is not asked: " + e.getMessage());
            }
        }
    }

    /** What plugins go on with. */
    List<Pending> pending() {
        return pending;
    }

    /** What plugins are told of the backup. */
    byte[] backup() {
        return backup;
    }

    Acted act(ApiResource resource, ItemId id, ObjectNode item) {
        ObjectNode current = item;
        List<ItemId> additional = new ArrayList<>();
        for (Chosen chosen : chosen(resource)) {
            if (wants(chosen, resource, id, current)) {
                current = ask(chosen.action(), id, current, additional);
            }
        }
        return new Acted(current, additional);
    }

    private ObjectNode ask(ItemAction action, ItemId id, ObjectNode item, List<ItemId> additional) {
        try {
            Answer answer = action.ask(Json.MAPPER.writeValueAsBytes(item), backup);
            ObjectNode result = answer.item().length == 0 ? item : object(answer.item());
            additional.addAll(answer.additional());
            if (!answer.operation().isEmpty()) {
                pending.add(new Pending(action, answer.operation(), id, answer.afterOperation()));
            }
            return result;
        } catch (PluginException | IOException e) {
            findings.failed(id + ": plugin " + action.name() + " failed, the object is taken as it was before: "
                    + e.getMessage());
            return item;
        }
    }

    private static ObjectNode object(byte[] json) throws IOException {
        JsonNode node;
        try {
            node = Json.MAPPER.readTree(json);
        } catch (IOException e) {
            throw new IOException("what it answered is not JSON", e);
        }
        if (!(node instanceof ObjectNode object)
                || object.path("kind").asText().isEmpty()
                || object.path("metadata").path("name").asText().isEmpty()) {
            throw new IOException("what it answered is no Kubernetes object");
        }
        return object;
    }

    private List<Chosen> chosen(ApiResource resource) {
        return byResource.computeIfAbsent(resource.groupResource(), name -> actions.stream()
                .filter(chosen -> chosen.action().selector().wants(name))
                .toList());
    }

    private boolean wants(Chosen chosen, ApiResource resource, ItemId id, ObjectNode item) {
        ItemAction action = chosen.action();
        return action.selector().wantsNamespace(id.namespace())
                && chosen.labels().matches(labels(item))
                && (!action.selector().oncePerKind() || asked.add(action.name() + " " + resource.groupResource()));
    }

    static Map<String, String> labels(ObjectNode item) {
        Map<String, String> labels = new HashMap<>();
        item.path("metadata")
                .path("labels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        return labels;
    }
}
