package dev.holdfast.mover;

/**
 * What one mover may use where it has a cgroup of its own.
 *
 * @param memoryMax bytes; 0 means no limit
 * @param cpuMax processors, fractions allowed; 0 means no limit
 */
public record CgroupLimits(long memoryMax, double cpuMax) {
    /** Nothing is limited. */
    public static final CgroupLimits NONE = new CgroupLimits(0, 0);
}
