/**
 * What is known about one transfer from request to reported outcome, how that may change, and how it survives the
 * agent: a pure state machine, one file per session, recovery at boot. Plain Java, no framework.
 */
@NullMarked
package dev.holdfast.session;

import org.jspecify.annotations.NullMarked;
