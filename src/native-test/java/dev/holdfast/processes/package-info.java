/** What must hold between real processes: agents and movers of the packaged program, killed in earnest. */
@NullMarked
package dev.holdfast.processes;

import org.jspecify.annotations.NullMarked;
