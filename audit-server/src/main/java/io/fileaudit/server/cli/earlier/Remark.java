package io.fileaudit.server.cli.earlier;

/**
 * Something that a person has to know about a manifest that is taken over, or is not.
 *
 * @param level what it is of
 * @param id its id in the earlier service
 * @param name what people call it
 * @param kind one of the words in docs/migration.md
 * @param taken whether it is taken over all the same
 * @param detail what was found, and what was done about it
 */
public record Remark(
    Level level, String id, String name, String kind, boolean taken, String detail) {}
