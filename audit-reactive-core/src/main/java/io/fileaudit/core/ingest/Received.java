package io.fileaudit.core.ingest;

import org.jspecify.annotations.Nullable;

/**
 * A record of a log as it was received.
 *
 * @param producer names the partition for ever, so that no later partition of the same topic name
 *     is taken for it; within it offsets rise and are never used twice
 * @param topic the topic's name, for people
 * @param partition the partition's number, for people
 * @param offset its place in the partition, from 0
 * @param key its key; null where it has none
 * @param value what it says; null where it says nothing
 */
public record Received(
    String producer,
    String topic,
    int partition,
    long offset,
    byte @Nullable [] key,
    byte @Nullable [] value) {}
