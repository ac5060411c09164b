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

/** Takes objects: leaves out what must stay out, asks the plugins, writes, and notes which others are needed. */
final class Items {
    private static final String EXCLUDE_LABEL = "velero.io/exclude-from-backup";

    private final ItemActions actions;
    private final ArchiveWriter archive;
    private final Findings findings;
    private final Map<String, Set<String>> taken = new HashMap<>();
    private final Set<String> namespaces = new HashSet<>();
    private final Set<ItemId> needed = new LinkedHashSet<>();

    Items(ItemActions actions, ArchiveWriter archive, Findings findings) {
        this.actions = actions;
        this.archive = archive;
        this.findings = findings;
    }

    /** Takes one object, unless it has been taken or left out before. */
    void take(ApiResource resource, ObjectNode item) throws BackupException {
        ItemId id = id(resource, item);
        if (!visit(id)) {
            return;
        }
        if (item.path("metadata").path("labels").path(EXCLUDE_LABEL).asText().equals("true")) {
            findings.skipped(id + ": it has the label " + EXCLUDE_LABEL + "=true");
        } else if (item.path("metadata").hasNonNull("deletionTimestamp")) {
            findings.skipped(id + ": it is being deleted");
        } else {
            ItemActions.Acted acted = actions.act(resource, id, item);
            need(acted.additional());
            write(resource, id(resource, acted.item()), acted.item());
        }
    }

    /** Objects that are to be taken as well, if nobody has come across them by then. */
    void need(List<ItemId> ids) {
        needed.addAll(ids);
    }

    /** Objects that have changed since: taken once more, and the later entry of an archive counts. */
    void takeAgain(List<ItemId> ids) {
        for (ItemId id : ids) {
            if (taken.getOrDefault(id.groupResource(), Set.of()).remove(key(id))) {
                findings.takenAgain(id.groupResource());
            }
        }
        need(ids);
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

    boolean visited(ItemId id) {
        return taken.getOrDefault(id.groupResource(), Set.of()).contains(key(id));
    }

    private boolean visit(ItemId id) {
        return taken.computeIfAbsent(id.groupResource(), _ -> new HashSet<>()).add(key(id));
    }

    private void write(ApiResource resource, ItemId id, ObjectNode item) throws BackupException {
        try {
            ArchivePath path = new ArchivePath(resource.groupResource(), id.namespace(), id.name());
            byte[] json = Json.MAPPER.writeValueAsBytes(item);
            archive.add(path, resource.version(), json);
            findings.taken(resource.groupResource(), json.length);
            if (!id.namespace().isEmpty()) {
                namespaces.add(id.namespace());
            }
        } catch (IllegalArgumentException e) {
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
