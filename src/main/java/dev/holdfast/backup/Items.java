package dev.holdfast.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.backup.archive.ArchivePath;
import dev.holdfast.backup.archive.ArchiveWriter;
import dev.holdfast.kube.ApiResource;
import dev.holdfast.linux.Reason;
import dev.holdfast.plugin.ItemId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes objects: leaves out what must stay out, asks the plugins, writes, and notes which others are needed. */
final class Items {
    /** What waits to be fetched is in memory; a plugin that asks for more than this asks for nonsense. */
    private static final int NEEDED_MAX = 200_000;

    private static final String EXCLUDE_LABEL = "velero.io/exclude-from-backup";

    private final Resources resources;
    private final ItemActions actions;
    private final ArchiveWriter archive;
    private final Findings findings;
    private final Map<String, Map<String, State>> met = new HashMap<>();
    private final Set<String> namespaces = new HashSet<>();
    private final Set<ItemId> needed = new LinkedHashSet<>();
    private final Set<ItemId> insisted = new HashSet<>();
    private final Set<ItemId> again = new HashSet<>();

    /** What became of an object that was come across. */
    private enum State {
        /** Left out for its label, which somebody may overrule. */
        LABELED,
        /** Left out or failed. */
        OUT,
        WRITTEN
    }

    Items(Resources resources, ItemActions actions, ArchiveWriter archive, Findings findings) {
        this.resources = resources;
        this.actions = actions;
        this.archive = archive;
        this.findings = findings;
    }

    /** Takes one object, unless it has been taken or left out before. */
    void take(ApiResource resource, ObjectNode item) throws BackupException {
        ItemId id = id(resource, item);
        if (visited(id)) {
            return;
        }
        again.remove(id);
        boolean labeled = item.path("metadata")
                .path("labels")
                .path(EXCLUDE_LABEL)
                .asText()
                .equals("true");
        if (labeled && !insisted.contains(id)) {
            findings.skipped(id + ": it has the label " + EXCLUDE_LABEL + "=true");
            left(id, State.LABELED);
        } else if (item.path("metadata").hasNonNull("deletionTimestamp")) {
            findings.skipped(id + ": it is being deleted");
            left(id, State.OUT);
        } else {
            if (labeled) {
                findings.note(id + ": taken in spite of its label, a plugin insists");
            }
            ItemActions.Acted acted = actions.act(resource, id, item);
            need(acted.additional());
            insist(acted.insisted());
            write(resource, id, id(resource, acted.item()), acted.item());
        }
    }

    /** Objects that are to be taken as well, if nobody has come across them by then. */
    void need(List<ItemId> ids) {
        if (hasRoom(ids)) {
            ids.forEach(id -> needed.add(resources.normal(id)));
        }
    }

    private boolean hasRoom(List<ItemId> ids) {
        if (needed.size() + ids.size() <= NEEDED_MAX) {
            return true;
        }
        findings.failed(ids.size() + " objects more are needed, such as " + ids.getFirst() + ", beside " + needed.size()
                + " that wait: possible are " + NEEDED_MAX + "; look at the plugin that asks for them");
        return false;
    }

    /** Objects that are to be taken as well whatever selection and labels say. */
    void insist(List<ItemId> ids) {
        if (hasRoom(ids)) {
            ids.forEach(id -> insisted.add(resources.normal(id)));
            need(ids);
        }
    }

    /** Whether it is to be taken whatever selection and labels say. */
    boolean insisted(ItemId id) {
        return insisted.contains(id);
    }

    /** Objects that have changed since: taken once more, and the later entry of an archive counts. */
    void takeAgain(List<ItemId> ids) {
        ids.forEach(id -> again.add(resources.normal(id)));
        insist(ids);
    }

    /** What is needed and has not been visited, and forgets it. */
    List<ItemId> takeNeeded() {
        List<ItemId> open = new ArrayList<>(needed);
        needed.clear();
        open.removeIf(this::visited);
        return open;
    }

    /** Those that something was taken from. */
    Set<String> namespaces() {
        return namespaces;
    }

    /** Whether there is nothing more to be done about it. */
    boolean visited(ItemId id) {
        State state = state(id);
        return state != null && !again.contains(id) && !(state == State.LABELED && insisted.contains(id));
    }

    private @Nullable State state(ItemId id) {
        return met.getOrDefault(id.groupResource(), Map.of()).get(key(id));
    }

    /** What is in the archive already stays there. */
    private void left(ItemId id, State state) {
        met.computeIfAbsent(id.groupResource(), _ -> new HashMap<>())
                .merge(key(id), state, (before, now) -> before == State.WRITTEN ? before : now);
    }

    /** @param original what the cluster calls it; a plugin may have given it another name */
    private void write(ApiResource resource, ItemId original, ItemId id, ObjectNode item) throws BackupException {
        try {
            ArchivePath path = new ArchivePath(resource.groupResource(), id.namespace(), id.name());
            byte[] json = Json.MAPPER.writeValueAsBytes(item);
            archive.add(path, resource.version(), json);
            boolean before = state(original) == State.WRITTEN;
            left(original, State.WRITTEN);
            findings.taken(resource.groupResource(), json.length, !before);
            if (!id.namespace().isEmpty()) {
                namespaces.add(id.namespace());
            }
        } catch (IllegalArgumentException e) {
            left(original, State.OUT);
            findings.failed(id + ": " + e.getMessage());
        } catch (IOException e) {
            throw new BackupException(
                    BackupException.Code.ARCHIVE,
                    "write " + id + " to the archive: " + Reason.of(e) + "; is there room on the disk?",
                    e);
        }
    }

    static ItemId id(ApiResource resource, ObjectNode item) {
        return new ItemId(
                resource.group(),
                resource.resource(),
                item.path("metadata").path("namespace").asText(),
                item.path("metadata").path("name").asText());
    }

    private static String key(ItemId id) {
        return id.namespace() + "/" + id.name();
    }
}
