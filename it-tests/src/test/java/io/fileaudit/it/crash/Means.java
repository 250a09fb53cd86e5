package io.fileaudit.it.crash;

import io.fileaudit.it.kafka.KafkaTraffic;
import io.fileaudit.it.process.BrokerProcess;
import io.fileaudit.it.process.SmallDisk;
import org.jspecify.annotations.Nullable;

/**
 * What some faults need besides the services and their database.
 *
 * @param broker the broker that services and loaders use; null where there is none
 * @param traffic clients of it
 * @param disk the file system of the database; null where it is the machine's
 */
record Means(
    @Nullable BrokerProcess broker, @Nullable KafkaTraffic traffic, @Nullable SmallDisk disk) {
  static final Means NONE = new Means(null, null, null);
}
