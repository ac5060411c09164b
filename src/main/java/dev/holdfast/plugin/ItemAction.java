package dev.holdfast.plugin;

/** Says what a backup is to do with one object: keep it, change it, take others as well. */
public interface ItemAction {
    /** Such as {@code velero.io/pod}. */
    String name();

    /** Which objects it wants to see; the same at every call. */
    Selector selector();

    /**
     * Asks about one object.
     *
     * @param item the object, JSON
     * @param backup the backup it is taken for, JSON of a Velero {@code Backup}
     */
    Answer ask(byte[] item, byte[] backup) throws PluginException;

    /** How far it is with work that it announced in an answer and goes on with. */
    default Operation progress(String operation, byte[] backup) throws PluginException {
        return Operation.DONE;
    }

    /** Gives such work up. */
    default void cancel(String operation, byte[] backup) throws PluginException {}
}
