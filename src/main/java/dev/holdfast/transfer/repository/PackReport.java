package dev.holdfast.transfer.repository;

import java.util.List;

/**
 * What {@link Repository#check} found in one pack.
 *
 * @param frames intact frames
 * @param chunks chunks whose bytes hash to their id
 * @param bytes stored bytes looked at
 * @param problems one sentence per damaged place, each naming the pack and the offset; empty when all is well
 */
public record PackReport(String name, long frames, long chunks, long bytes, List<String> problems) {
    public PackReport {
        problems = List.copyOf(problems);
    }
}
