package dev.holdfast.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.kube.ApiResource;
import dev.holdfast.plugin.Answer;
import dev.holdfast.plugin.ItemAction;
import dev.holdfast.plugin.ItemId;
import dev.holdfast.plugin.PluginException;
import dev.holdfast.plugin.Selector;
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
    /** On an object that a plugin has changed: the others it names are to be taken whatever the selection says. */
    private static final String MUST_INCLUDE = "backup.velero.io/must-include-additional-items";

    private final Findings findings;
    private final List<Chosen> actions = new ArrayList<>();
    private final Map<String, List<Chosen>> byResource = new HashMap<>();
    private final Set<String> answered = new HashSet<>();
    private final List<Pending> pending = new ArrayList<>();
    private byte[] backup;
    private boolean finalizing;

    /** What an action wants to see, with the names of resources as this cluster has them. */
    private record Chosen(ItemAction action, Choice resources, Choice namespaces, LabelSelector labels) {
        boolean wants(ItemId id, ObjectNode item) {
            boolean place = id.namespace().isEmpty() ? namespaces.everything() : namespaces.takes(id.namespace());
            return place && labels.matches(labelsOf(item));
        }
    }

    /** Work that a plugin goes on with, and what is to be taken once it is done. */
    record Pending(ItemAction action, String operation, ItemId item, List<ItemId> afterwards) {}

    /**
     * What has become of an object.
     *
     * @param insisted those of the additional ones that are to be taken whatever the selection says
     */
    record Acted(ObjectNode item, List<ItemId> additional, List<ItemId> insisted) {}

    ItemActions(List<ItemAction> actions, Resources resources, byte[] backup, Findings findings) {
        this.backup = backup;
        this.findings = findings;
        for (ItemAction action : actions) {
            try {
                this.actions.add(chosen(action, resources));
            } catch (IllegalArgumentException e) {
                findings.failed("plugin " + action.name() + " is not asked: " + e.getMessage());
            }
        }
    }

    private Chosen chosen(ItemAction action, Resources resources) {
        Selector selector = action.selector();
        List<String> unknown = new ArrayList<>();
        Choice wanted = new Choice(
                known(selector.includedResources(), resources, unknown),
                known(selector.excludedResources(), resources, unknown));
        if (!unknown.isEmpty()) {
            findings.note("plugin " + action.name() + " is for resources that this cluster does not have: "
                    + String.join(", ", unknown));
        }
        return new Chosen(
                action,
                wanted,
                new Choice(selector.includedNamespaces(), selector.excludedNamespaces()),
                new LabelSelector(selector.labels()));
    }

    /** As Velero does: what means nothing here stays, for a list that became empty would mean all. */
    private static List<String> known(List<String> names, Resources resources, List<String> unknown) {
        List<String> known = new ArrayList<>();
        for (String name : names) {
            if (!Choice.pattern(name) && resources.meant(name).isEmpty()) {
                unknown.add(name);
            }
            known.add(
                    Choice.pattern(name)
                            ? name
                            : resources
                                    .meant(name)
                                    .map(ApiResource::groupResource)
                                    .orElse(name));
        }
        return known;
    }

    /** What plugins go on with. */
    List<Pending> pending() {
        return pending;
    }

    /** What plugins are told of the backup. */
    byte[] backup() {
        return backup;
    }

    /**
     * From now on objects are taken for which work of plugins is over: what is needed with them is taken whatever the
     * selection says, and nobody waits for further work.
     *
     * @param told what plugins are told of the backup from now on
     */
    void finish(byte[] told) {
        backup = told;
        finalizing = true;
    }

    Acted act(ApiResource resource, ItemId id, ObjectNode item) {
        Acted acted = new Acted(item, new ArrayList<>(), new ArrayList<>());
        for (Chosen chosen : chosen(resource)) {
            String question = chosen.action().name() + " " + resource.groupResource();
            boolean once = chosen.action().selector().oncePerKind();
            if (chosen.wants(id, acted.item()) && !(once && answered.contains(question))) {
                try {
                    acted = ask(chosen.action(), id, acted);
                    if (once) {
                        answered.add(question);
                    }
                } catch (PluginException | IOException e) {
                    findings.failed(id + ": plugin " + chosen.action().name()
                            + " failed, the object is taken as it was before: " + e.getMessage());
                }
            }
        }
        return acted;
    }

    private Acted ask(ItemAction action, ItemId id, Acted before) throws PluginException, IOException {
        Answer answer = action.ask(Json.MAPPER.writeValueAsBytes(before.item()), backup);
        ObjectNode item = answer.item().length == 0 ? before.item() : object(answer.item());
        boolean insists = insists(item) || finalizing;
        (insists ? before.insisted() : before.additional()).addAll(answer.additional());
        if (!answer.operation().isEmpty()) {
            if (finalizing) {
                findings.failed(id + ": plugin " + action.name() + " began operation " + answer.operation()
                        + " when others had ended; it is not waited for");
            } else {
                pending.add(new Pending(action, answer.operation(), id, answer.afterOperation()));
            }
        }
        return new Acted(item, before.additional(), before.insisted());
    }

    /** Reads a plugin's mark and takes it off: it is meant for us and not for the archive. */
    private static boolean insists(ObjectNode item) {
        if (item.path("metadata").path("annotations") instanceof ObjectNode annotations) {
            JsonNode mark = annotations.remove(MUST_INCLUDE);
            return mark != null && mark.asText().equals("true");
        }
        return false;
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
                .filter(chosen -> chosen.resources().takes(name))
                .toList());
    }

    private static Map<String, String> labelsOf(ObjectNode item) {
        Map<String, String> labels = new HashMap<>();
        item.path("metadata")
                .path("labels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        return labels;
    }
}
