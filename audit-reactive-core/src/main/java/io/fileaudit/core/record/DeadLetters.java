package io.fileaudit.core.record;

import io.fileaudit.core.ingest.Received;
import io.fileaudit.core.ingest.RecordIngest.Refused;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Where records go that were not accepted: word for word, with where they came from and why in
 * their headers, so that their sender can put them right and send them again. Of what is longer
 * than a broker may take beside those headers the beginning is kept, and the headers say how long
 * it was.
 */
final class DeadLetters {
  /** Brokers take 1 MiB unless told otherwise; no event is longer than 64 KiB. */
  static final int LONGEST_VALUE = 512 * 1024;

  static final int LONGEST_KEY = 64 * 1024;

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
    return new Outgoing(
        beginning(record.key(), LONGEST_KEY, "audit-key-bytes", headers),
        beginning(record.value(), LONGEST_VALUE, "audit-value-bytes", headers),
        headers);
  }

  private static byte @Nullable [] beginning(
      byte @Nullable [] whole, int longest, String header, Map<String, String> headers) {
    if (whole == null || whole.length <= longest) {
      return whole;
    }
    headers.put(header, String.valueOf(whole.length));
    return Arrays.copyOf(whole, longest);
  }
}
