package dev.holdfast.api;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What can be changed of a session while it runs. */
@Schema(description = "What can be changed of a session while it runs.")
public record SessionChange(
        @Schema(description = "limit of source bytes per second; 0 lifts it") @Nullable
        Long bytesPerSecondMax) {}
