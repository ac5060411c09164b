package dev.holdfast.session;

import java.time.Instant;

/** One change of state, by the names of the states and of the event. */
public record Transition(Instant at, String from, String event, String to) {}
