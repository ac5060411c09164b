package dev.holdfast.backup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.kube.ApiResource;
import dev.holdfast.kube.Cluster;
import dev.holdfast.kube.KubeException;
import dev.holdfast.kube.Lane;
import dev.holdfast.plugin.ItemId;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
    private static final String DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";

    private final Cluster cluster;
    private final Map<String, ApiResource> resources;
    private final ObjectSelection selection;
    private final Items items;
    private final Listing listing;
    private final Findings findings;
    private final BooleanSupplier canceled;

    private record Place(ApiResource resource, String namespace) {}

    Additions(
            Cluster cluster,
            Map<String, ApiResource> resources,
            ObjectSelection selection,
            Items items,
            Listing listing,
            Findings findings,
            BooleanSupplier canceled) {
        this.cluster = cluster;
        this.resources = resources;
        this.selection = selection;
        this.items = items;
        this.listing = listing;
        this.findings = findings;
        this.canceled = canceled;
    }

    /**
     * Takes all that is needed, and what that needs in turn.
     *
     * @param required those whose absence is a failure; others may have vanished
     */
    void take(Set<ItemId> required) throws BackupException, InterruptedException {
        for (List<ItemId> open = items.takeNeeded(); !open.isEmpty(); open = items.takeNeeded()) {
            Map<Place, List<ItemId>> places = new LinkedHashMap<>();
            for (ItemId id : open) {
                place(id).ifPresent(it -> places.computeIfAbsent(it, _ -> new ArrayList<>())
                        .add(id));
            }
            for (Map.Entry<Place, List<ItemId>> place : places.entrySet()) {
                fetch(place.getKey(), place.getValue());
                missing(place.getValue(), required);
            }
        }
    }

    /** Where it is to be fetched; empty if it is not to be. */
    private Optional<Place> place(ItemId id) {
        ApiResource resource = resources.get(id.groupResource());
        if (resource == null) {
            findings.skipped(id + ": this cluster has no such resource");
            return Optional.empty();
        }
        if (!ResourceOrder.isNamespaces(resource) && !selection.admits(resource, id.namespace())) {
            findings.skipped(id + ": needed by another object, but not selected");
            return Optional.empty();
        }
        return Optional.of(new Place(resource, resource.namespaced() ? id.namespace() : ""));
    }

    private void fetch(Place place, List<ItemId> ids) throws BackupException, InterruptedException {
        if (place.resource().groupResource().equals(DEFINITIONS)) {
            for (ItemId id : ids) {
                definition(place.resource(), id);
            }
        } else if (ids.size() > SINGLE_MAX) {
            Set<ItemId> wanted = Set.copyOf(ids);
            listing.take(new Lists.Query(place.resource(), place.namespace(), ""), wanted::contains);
        } else {
            for (ItemId id : ids) {
                single(place.resource(), id);
            }
        }
    }

    /** A custom resource may come from a server of its own, without a definition: that is no loss. */
    private void definition(ApiResource resource, ItemId id) throws BackupException {
        try {
            Optional<byte[]> found = cluster.definition(id.name());
            if (found.isPresent()) {
                take(resource, found.get());
            }
        } catch (KubeException | IOException e) {
            findings.failed(id + ": " + e.getMessage());
        }
    }

    private void single(ApiResource resource, ItemId id) throws BackupException {
        if (canceled.getAsBoolean()) {
            return;
        }
        String namespace = resource.namespaced() ? id.namespace() : null;
        try {
            findings.asked();
            String path = resource.path(namespace) + "/" + encoded(id.name());
            take(resource, cluster.get(Lane.BACKUP, path, Cluster.JSON).body());
        } catch (KubeException e) {
            if (e.code() != KubeException.Code.NOT_FOUND) {
                findings.failed(id + ": " + e.getMessage());
            }
        } catch (IOException e) {
            findings.failed(id + ": the answer of the API server is not readable: " + e.getMessage());
        }
    }

    private void take(ApiResource resource, byte[] json) throws IOException, BackupException {
        JsonNode node = Json.MAPPER.readTree(json);
        if (!(node instanceof ObjectNode object)) {
            throw new IOException("it is no JSON object");
        }
        items.take(resource, PageItems.complete(object, resource));
    }

    private void missing(List<ItemId> ids, Set<ItemId> required) {
        for (ItemId id : ids) {
            if (!items.visited(id) && required.contains(id)) {
                findings.failed(id + ": there is no such object");
            } else if (!items.visited(id) && !id.groupResource().equals(DEFINITIONS)) {
                findings.skipped(id + ": needed by another object, but it does not exist");
            }
        }
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
