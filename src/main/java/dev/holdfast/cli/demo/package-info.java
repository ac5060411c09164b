/** The main promise, shown on the machine at hand: real tree, real processes, real kills, and a comparison. */
@NullMarked
package dev.holdfast.cli.demo;

import org.jspecify.annotations.NullMarked;
