/** Kafka as the log of records; the only package that knows a Kafka client. */
@NullMarked
package io.fileaudit.server.kafka;

import org.jspecify.annotations.NullMarked;
