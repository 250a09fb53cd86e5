package io.fileaudit.server.health;

import org.jspecify.annotations.Nullable;

/**
 * How a node stands with Kafka, as of a few seconds ago.
 *
 * @param reachable whether the brokers can be reached
 * @param partitions how many partitions this node reads
 * @param lag how many records of all partitions no node has acknowledged; as last known where the
 *     brokers cannot be reached
 * @param deadLetters how many records this node has not accepted since it runs
 * @param unsent how many changes of status of all nodes wait to be sent, up to 10,000; null where
 *     none are sent
 * @param oldestUnsentSeconds how long the oldest of them waits; null where none does
 */
public record KafkaFigures(
    boolean reachable,
    int partitions,
    long lag,
    long deadLetters,
    @Nullable Integer unsent,
    @Nullable Double oldestUnsentSeconds) {}
