package dev.holdfast.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.Cluster;
import dev.holdfast.kube.KubeException;
import dev.holdfast.kube.Lane;
import dev.holdfast.plugin.ItemId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Fetches what taken objects need and no list has brought: after the lists, because most of it comes with them. Many of
 * one kind are fetched with a list, few one by one, and definitions from the one list of them all.
 */
final class Additions {
    private static final int SINGLE_MAX = 8;
    /** Objects in a row without an answer; then it is asked whether the server answers at all. */
    private static final int SILENT_MAX = 3;

    private static final String DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";

    private final Source source;
    private final Resources resources;
    private final ObjectSelection selection;
    private final Items items;
    private final Findings findings;
    private final BooleanSupplier canceled;
    private int silent;
    private boolean deserted;

    /** Where objects come from. */
    record Source(Cluster cluster, Lists lists, Listing listing) {}

    private record Place(ApiResource resource, String namespace) {}

    /** @param selection resolved */
    Additions(
            Source source,
            Resources resources,
            ObjectSelection selection,
            Items items,
            Findings findings,
            BooleanSupplier canceled) {
        this.source = source;
        this.resources = resources;
        this.selection = selection;
        this.items = items;
        this.findings = findings;
        this.canceled = canceled;
    }

    /**
     * Takes all that is needed, and what that needs in turn. What does not exist, or does no longer, is a failure: the
     * archive is not whole without it.
     *
     * @param required those that a person has named
     */
    void take(Set<ItemId> required) throws BackupException, InterruptedException {
        for (List<ItemId> open = items.takeNeeded(); !open.isEmpty() && !over(); open = items.takeNeeded()) {
            Map<Place, List<ItemId>> places = new LinkedHashMap<>();
            for (ItemId id : open) {
                place(id).ifPresent(it -> places.computeIfAbsent(it, _ -> new ArrayList<>())
                        .add(id));
            }
            for (Map.Entry<Place, List<ItemId>> place : places.entrySet()) {
                missing(fetch(place.getKey(), place.getValue()), required);
            }
        }
        if (deserted) {
            findings.failed("what else taken objects need is not taken: the API server does not answer any more");
        }
    }

    /** Where it is to be fetched; empty if it is not to be. */
    private Optional<Place> place(ItemId id) {
        Optional<ApiResource> found = resources.of(id);
        if (found.isEmpty()) {
            findings.skipped(id + ": this cluster has no such resource");
            return Optional.empty();
        }
        ApiResource resource = found.get();
        if (resources.stale().contains(resource.groupVersion())) {
            findings.failed(id + ": needed by another object, but the server of its API does not answer");
            return Optional.empty();
        }
        if (!possible(id.name()) || (resource.namespaced() && !possible(id.namespace()))) {
            findings.failed(id + ": needed by another object, but nothing can be called that");
            return Optional.empty();
        }
        if (!ResourceOrder.isNamespaces(resource)
                && !items.insisted(id)
                && !selection.admits(resource, id.namespace())) {
            findings.skipped(id + ": needed by another object, but not selected");
            return Optional.empty();
        }
        return Optional.of(new Place(resource, id.namespace()));
    }

    /** As Kubernetes has it for names that become a part of an address; most resources allow much less. */
    private static boolean possible(String name) {
        return !name.isEmpty()
                && !name.equals(".")
                && !name.equals("..")
                && name.chars().noneMatch(it -> it == '/' || it == '%' || Character.isISOControl(it));
    }

    /** Returns those that do not exist, as far as that is known. */
    private Set<ItemId> fetch(Place place, List<ItemId> ids) throws BackupException, InterruptedException {
        if (place.resource().groupResource().equals(DEFINITIONS)) {
            return definitions(place.resource(), ids);
        }
        if (ids.size() > SINGLE_MAX && !over()) {
            Set<ItemId> wanted = new HashSet<>(ids);
            Lists.Query query = new Lists.Query(place.resource(), place.namespace(), "");
            switch (source.listing().take(query, wanted::contains)) {
                case READ -> {
                    wanted.removeIf(items::visited);
                    return wanted;
                }
                case FAILED -> {
                    return Set.of();
                }
                case FORBIDDEN -> {} // One by one they may be allowed, as a namespace is to those who work in it.
            }
        }
        return each(place.resource(), ids);
    }

    private Set<ItemId> each(ApiResource resource, List<ItemId> ids) throws BackupException {
        Set<ItemId> absent = new HashSet<>();
        int left = ids.size();
        for (ItemId id : ids) {
            if (over()) {
                break;
            }
            left--;
            Optional<KubeException.Code> trouble = single(resource, id);
            if (trouble.filter(code -> code == KubeException.Code.NOT_FOUND).isPresent()) {
                absent.add(id);
            }
            // To a namespace there may be rights of its own, to other objects hardly.
            boolean refused =
                    trouble.filter(code -> code == KubeException.Code.FORBIDDEN).isPresent()
                            && !ResourceOrder.isNamespaces(resource);
            if (refused && left > 0) {
                findings.failed(
                        left + " more " + resource.groupResource() + " that others need: not taken, as this one");
                break;
            }
        }
        return absent;
    }

    /** A custom resource may come from a server of its own, without a definition: that is no loss. */
    private Set<ItemId> definitions(ApiResource resource, List<ItemId> ids) throws BackupException {
        Set<ItemId> absent = new HashSet<>();
        for (ItemId id : ids) {
            try {
                Optional<byte[]> found = source.cluster().definition(id.name());
                if (found.isPresent()) {
                    take(resource, found.get());
                } else {
                    absent.add(id);
                }
            } catch (KubeException | IOException e) {
                findings.failed(id + ": " + e.getMessage());
            }
        }
        return absent;
    }

    /** Returns why not, if there is a reason; that it does not exist has no line yet. */
    private Optional<KubeException.Code> single(ApiResource resource, ItemId id) throws BackupException {
        String namespace = resource.namespaced() ? id.namespace() : null;
        try {
            findings.asked();
            String path = resource.path(namespace) + "/" + ApiResource.encoded(id.name());
            take(resource, source.cluster().get(Lane.BACKUP, path, Cluster.JSON).body());
            silent = 0;
        } catch (KubeException e) {
            silent = e.code() == KubeException.Code.UNREACHABLE ? silent + 1 : 0;
            if (silent >= SILENT_MAX) {
                silent = 0;
                deserted = !source.lists().answered();
            }
            if (e.code() != KubeException.Code.NOT_FOUND) {
                findings.failed(id + ": " + e.getMessage());
            }
            return Optional.of(e.code());
        } catch (IOException e) {
            findings.failed(id + ": the answer of the API server is not readable: " + e.getMessage());
        }
        return Optional.empty();
    }

    private void take(ApiResource resource, byte[] json) throws IOException, BackupException {
        JsonNode node = Json.MAPPER.readTree(json);
        if (!(node instanceof ObjectNode object)) {
            throw new IOException("it is no JSON object");
        }
        items.take(resource, PageItems.complete(object, resource));
    }

    private void missing(Set<ItemId> absent, Set<ItemId> required) {
        for (ItemId id : absent) {
            if (required.contains(id)) {
                findings.failed(id + ": there is no such object");
            } else if (!id.groupResource().equals(DEFINITIONS)) {
                findings.failed(id + ": needed by another object, but it does not exist");
            }
        }
    }

    private boolean over() {
        return deserted || canceled.getAsBoolean();
    }
}
