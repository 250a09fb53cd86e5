package io.fileaudit.r2dbc;

/**
 * How the connections to the database are used at a moment.
 *
 * @param inUse those that somebody has
 * @param idle those that nobody has
 * @param waiting how many wait for one
 * @param size the most there may be
 */
public record PoolUse(int inUse, int idle, int waiting, int size) {}
