package io.fileaudit.core.record;

import io.fileaudit.core.ingest.Received;
import io.fileaudit.core.ingest.RecordIngest.Refused;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * Where records go that were not accepted: word for word, with where they came from and why in
 * their headers, so that their sender can put them right and send them again.
 */
final class DeadLetters {
  private final RecordLog log;
  private final String topic;

  DeadLetters(RecordLog log, String topic) {
    this.log = log;
    this.topic = topic;
  }

  /** Lazy; completes when all are durable there. Errors: those of {@link RecordLog#send}. */
  Mono<Void> send(List<Refused> refused) {
    return refused.isEmpty()
        ? Mono.empty()
        : log.send(topic, refused.stream().map(DeadLetters::letter).toList());
  }

  private static Outgoing letter(Refused refused) {
    Received record = refused.record();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("audit-topic", record.topic());
    headers.put("audit-partition", String.valueOf(record.partition()));
    headers.put("audit-offset", String.valueOf(record.offset()));
    headers.put("audit-type", refused.refusal().type());
    headers.put("audit-status", String.valueOf(refused.refusal().status()));
    headers.put("audit-detail", Objects.requireNonNullElse(refused.refusal().detail(), ""));
    return new Outgoing(record.key(), record.value(), headers);
  }
}
