package dev.holdfast.plugin;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of plugins that a backup can use, each with its gRPC service. Velero has more; they are passed over. */
public enum ActionKind {
    BACKUP_ITEM("BackupItemAction", "generated.BackupItemAction", "Execute"),
    BACKUP_ITEM_V2("BackupItemActionV2", "v2.BackupItemAction", "Execute"),
    ITEM_BLOCK("ItemBlockAction", "v1.ItemBlockAction", "GetRelatedItems");

    private final String wireName;
    private final String service;
    private final String method;

    ActionKind(String wireName, String service, String method) {
        this.wireName = wireName;
        this.service = service;
        this.method = method;
    }

    /** As plugins list it. */
    String wireName() {
        return wireName;
    }

    String service() {
        return service;
    }

    /** The method that is asked about an object. */
    String method() {
        return method;
    }

    static Optional<ActionKind> of(String wireName) {
        return Arrays.stream(values())
                .filter(kind -> kind.wireName.equals(wireName))
                .findFirst();
    }
}
