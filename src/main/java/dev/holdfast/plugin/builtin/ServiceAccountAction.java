package dev.holdfast.plugin.builtin;

import dev.holdfast.plugin.Answer;
import dev.holdfast.plugin.ItemAction;
import dev.holdfast.plugin.ItemId;
import dev.holdfast.plugin.PluginException;
import dev.holdfast.plugin.Selector;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A service account needs the bindings that name it, and the roles that they give. */
final class ServiceAccountAction implements ItemAction {
    private static final String RBAC = "rbac.authorization.k8s.io";

    private final Bindings bindings;

    ServiceAccountAction(Bindings bindings) {
        this.bindings = bindings;
    }

    @Override
    public String name() {
        return "holdfast.dev/service-account";
    }

    @Override
    public Selector selector() {
        return Selector.resources("serviceaccounts");
    }

    @Override
    public Answer ask(byte[] item, byte[] backup) throws PluginException {
        Item account = Item.read(item);
        Set<ItemId> needed = new LinkedHashSet<>();
        for (Bindings.Binding binding : bindings.naming(account.namespace(), account.name())) {
            String scope = binding.namespace();
            String resource = scope.isEmpty() ? "clusterrolebindings" : "rolebindings";
            needed.add(new ItemId(RBAC, resource, scope, binding.name()));
            needed.add(
                    binding.clusterRole()
                            ? new ItemId(RBAC, "clusterroles", "", binding.role())
                            : new ItemId(RBAC, "roles", scope, binding.role()));
        }
        return Answer.add(List.copyOf(needed));
    }
}
