package io.fileaudit.core.record;

/**
 * How far the group of nodes has come.
 *
 * @param partitions how many partitions this node reads now
 * @param behind how many records of all partitions nobody has acknowledged
 * @param behindHere how many records of this node's own partitions it has not acknowledged
 */
public record Standing(int partitions, long behind, long behindHere) {}
