package dev.holdfast.api;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Body of every error, {@code application/problem+json}.
 *
 * @param type always {@code about:blank}: the code tells problems apart
 * @param title name of the status
 * @param detail what was wrong with what, and what to do
 * @param code stable, for programs
 */
@RegisterForReflection
public record Problem(String type, String title, int status, String detail, String code) {}
