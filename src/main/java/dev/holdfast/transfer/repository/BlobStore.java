package dev.holdfast.transfer.repository;

import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Write-once objects under names such as {@code packs/s1/1-0}. An object appears complete or not at all and never
 * changes afterwards; what a method returned from is durable. Thread-safe. A name that leaves the store is an
 * {@link IllegalArgumentException}; a missing object is a {@link java.nio.file.NoSuchFileException}.
 */
interface BlobStore {
    /** Makes the object; false, and no change, when the name is taken. Of two at once exactly one gets true. */
    boolean putIfAbsent(String name, byte[] content) throws IOException;

    /** All of an object, at most {@code max} bytes. */
    byte[] get(String name, int max) throws IOException;

    /** A part of an object, to the start of {@code into}; an {@link java.io.EOFException} if there is less of it. */
    void read(String name, long offset, byte[] into, int length) throws IOException;

    long size(String name) throws IOException;

    boolean exists(String name) throws IOException;

    /** Makes sure that an object that was seen is durable: whoever made it may not have come so far. */
    void confirm(String name) throws IOException;

    /** Removes what crashes left of objects being put, if it is older than that by the store's clock. */
    void removeLeftovers(Instant before) throws IOException;

    /** When the object was made, or an upload last grew, by the store's clock. */
    Instant modified(String name) throws IOException;

    /** The store's clock, whatever this machine believes. */
    Instant now() throws IOException;

    /** Names of the objects below a folder such as {@code packs/}, sorted; nothing unfinished is among them. */
    List<String> list(String folder) throws IOException;

    /** What other machines have put by now is in the next {@link #list} of the folder, as far as can be had. */
    void refresh(String folder);

    /** Does nothing when it is not there. */
    void delete(String name) throws IOException;

    /** Starts an object that grows in place and stays invisible until published. Held by this process alone. */
    Upload upload(String name) throws IOException;

    /** Unpublished uploads in a folder such as {@code packs/s1/}, sorted by name. */
    List<Partial> partials(String folder) throws IOException;

    /** An object in the making. Not thread-safe. */
    interface Upload extends Closeable {
        /** Hands bytes to the operating system: they outlive this process. */
        void append(byte[] bytes, int offset, int length) throws IOException;

        /** Everything appended is on the disk, and will be found there. */
        void sync() throws IOException;

        /** Syncs and makes the object visible under its name. Ends the upload. */
        void publish() throws IOException;

        /** Lets go without publishing: what was appended is found by {@link #partials}. Harmless after publishing. */
        @Override
        void close() throws IOException;
    }

    /** An upload whose writer may be dead. Not thread-safe. Closing lets go of it. */
    interface Partial extends Closeable {
        String name();

        /** When it last grew, by the store's clock. */
        Instant modified() throws IOException;

        /** Becomes the only owner; false when the writer is alive, or the object is published or gone by now. */
        boolean takeOver() throws IOException;

        /** Whether there is still something to take over. */
        boolean waiting() throws IOException;

        /** Only after {@link #takeOver}. */
        long size() throws IOException;

        /** As {@link BlobStore#read}. Only after {@link #takeOver}. */
        void read(long offset, byte[] into, int length) throws IOException;

        /** Cuts it to {@code length} and goes on there. Only after {@link #takeOver}; ends this partial. */
        Upload continueAt(long length) throws IOException;

        /** Removes it for good. Only after {@link #takeOver}; ends this partial. */
        void discard() throws IOException;
    }

    /** Where the objects are, for messages; nullable parts of a message stay out of it. */
    String location();

    /** The text of {@link #location} with a name behind it. */
    default String locationOf(@Nullable String name) {
        return name == null ? location() : location() + "/" + name;
    }
}
