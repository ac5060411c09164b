package dev.holdfast.transfer.repository;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers the names of packs, from 1. There is a pack for every 16 MiB of a repository, so a name is held as its folder
 * and two numbers, about 20 bytes. Not thread-safe.
 */
final class PackNames {
    private static final int SEQUENCE_BITS = 40;

    /** The place of a name that is not {@code <epoch>-<sequence>}: all of it is the folder. */
    private static final long NONE = -1;

    private final List<String> folders = new ArrayList<>();
    private final Map<String, Integer> folderNumbers = new HashMap<>();
    private int[] folderOf = new int[64];
    private long[] placeOf = new long[64];
    private int[] slots = new int[256];
    private int size;

    /** The number of this name, always the same. */
    int number(String name) {
        int slash = name.lastIndexOf('/') + 1;
        long place = place(name, slash);
        int folder = folder(place == NONE ? name : name.substring(0, slash));
        int slot = slot(folder, place);
        if (slots[slot] == 0) {
            add(folder, place);
            slot = slot(folder, place);
            slots[slot] = size;
        }
        return slots[slot];
    }

    /** The name of this number, which {@link #number} gave. */
    String name(int number) {
        long place = placeOf[number - 1];
        String folder = folders.get(folderOf[number - 1]);
        return place == NONE ? folder : folder + text(place);
    }

    private static long place(String name, int start) {
        int dash = name.indexOf('-', start);
        if (dash > start && name.length() - start <= 18) {
            try {
                long epoch = Long.parseLong(name, start, dash, 10);
                long place = epoch << SEQUENCE_BITS | Long.parseLong(name, dash + 1, name.length(), 10);
                return name.startsWith(text(place), start)
                                && name.length() == start + text(place).length()
                        ? place
                        : NONE;
            } catch (NumberFormatException other) {
                return NONE;
            }
        }
        return NONE;
    }

    private static String text(long place) {
        return (place >>> SEQUENCE_BITS) + "-" + (place & (1L << SEQUENCE_BITS) - 1);
    }

    private int folder(String name) {
        return folderNumbers.computeIfAbsent(name, fresh -> {
            folders.add(fresh);
            return folders.size() - 1;
        });
    }

    private void add(int folder, long place) {
        if (size == folderOf.length) {
            folderOf = Arrays.copyOf(folderOf, 2 * size);
            placeOf = Arrays.copyOf(placeOf, 2 * size);
        }
        folderOf[size] = folder;
        placeOf[size] = place;
        size++;
        if (size > slots.length / 2) {
            slots = new int[2 * slots.length];
            for (int number = 1; number < size; number++) {
                slots[slot(folderOf[number - 1], placeOf[number - 1])] = number;
            }
        }
    }

    /** Where the number of this name is, or belongs. */
    private int slot(int folder, long place) {
        long hash = (place * 31 + folder) * 0x9E3779B97F4A7C15L;
        int slot = (int) (hash >>> 33) & slots.length - 1;
        while (slots[slot] != 0 && (folderOf[slots[slot] - 1] != folder || placeOf[slots[slot] - 1] != place)) {
            slot = slot + 1 & slots.length - 1;
        }
        return slot;
    }
}
