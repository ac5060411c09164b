package dev.holdfast.session;

/**
 * Why something did not work: a stable code for programs, a message for people, and whether trying again can help.
 * Mover failures carry the engine's codes; the agent adds {@code MOVER_LOST}, {@code MOVER_OUT_OF_MEMORY},
 * {@code MOVER_NOT_STARTED}, {@code STALLED}, {@code DEADLINE}, {@code ATTEMPTS_EXHAUSTED}.
 */
public record Failure(String code, String message, boolean retryable) {}
