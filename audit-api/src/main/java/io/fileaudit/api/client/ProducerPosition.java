package io.fileaudit.api.client;

/**
 * How far a producer has come with a batch.
 *
 * @param producer who numbers the events
 * @param position the highest of the positions that were accepted
 */
record ProducerPosition(String producer, long position) {}
