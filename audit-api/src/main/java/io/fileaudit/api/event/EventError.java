package io.fileaudit.api.event;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong with a file.
 *
 * @param code a short stable word that failures are grouped by
 * @param message for people
 * @param line line of the file, from 1
 * @param column column of that line, from 1
 */
public record EventError(
    @Nullable String code, @Nullable String message, @Nullable Long line, @Nullable Long column) {}
