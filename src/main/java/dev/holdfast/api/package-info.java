/**
 * What the agent shows to the outside: REST, the status page, health and metrics. The views are the public JSON; the
 * domain's types never leave through it.
 */
@NullMarked
package dev.holdfast.api;

import org.jspecify.annotations.NullMarked;
