package io.fileaudit.api.batch;

import org.jspecify.annotations.Nullable;

/**
 * Asks for another status: COMPLETED, FAILED or CANCELLED end the run, RUNNING resumes the batch.
 *
 * @param status the wanted status, read case-insensitively and trimmed
 * @param message why, for the verdict; at most 2,000 characters
 */
public record StatusRequest(String status, @Nullable String message) {}
