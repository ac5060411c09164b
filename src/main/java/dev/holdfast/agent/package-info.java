/** The agent process: puts the other packages together as beans, and starts and stops them in order. */
@NullMarked
package dev.holdfast.agent;

import org.jspecify.annotations.NullMarked;
