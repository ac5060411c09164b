/** Tests of sessions: the table of steps, the store against damage and kills, recovery row by row, simulation. */
@NullMarked
package dev.holdfast.session;

import org.jspecify.annotations.NullMarked;
