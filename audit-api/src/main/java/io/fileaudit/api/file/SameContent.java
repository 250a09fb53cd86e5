package io.fileaudit.api.file;

import java.util.UUID;

/**
 * A file with the same checksum.
 *
 * @param batch the batch that it is in
 * @param file its name there
 */
public record SameContent(UUID batch, String file) {}
