/**
 * The mover's own side: a process that does one transfer, outlives its agent, and always leaves word of how it ended.
 * Plain Java, started without a framework because its start is on the data path.
 */
@NullMarked
package dev.holdfast.mover.worker;

import org.jspecify.annotations.NullMarked;
