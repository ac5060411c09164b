package dev.holdfast.plugin.builtin;

import dev.holdfast.plugin.Answer;
import dev.holdfast.plugin.ItemAction;
import dev.holdfast.plugin.ItemId;
import dev.holdfast.plugin.PluginException;
import dev.holdfast.plugin.Selector;
import java.util.List;

/** A claim that is bound needs its volume. */
final class ClaimAction implements ItemAction {
    @Override
    public String name() {
        return "holdfast.dev/claim";
    }

    @Override
    public Selector selector() {
        return Selector.resources("persistentvolumeclaims");
    }

    @Override
    public Answer ask(byte[] item, byte[] backup) throws PluginException {
        Item claim = Item.read(item);
        String volume = claim.json().path("spec").path("volumeName").asText();
        boolean bound = claim.json().path("status").path("phase").asText().equals("Bound");
        return bound && !volume.isEmpty()
                ? Answer.add(List.of(new ItemId("", "persistentvolumes", "", volume)))
                : Answer.KEEP;
    }
}
