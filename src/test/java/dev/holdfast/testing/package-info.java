/** Fakes of the ports, for tests of what stands behind them. */
@NullMarked
package dev.holdfast.testing;

import org.jspecify.annotations.NullMarked;
