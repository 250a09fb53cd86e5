package io.fileaudit.it.crash;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.it.crash.Attempt.Outcome;
import io.fileaudit.it.kafka.KafkaTraffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * A loader whose events and whose wish to complete go by way of Kafka. It opens its batch and looks
 * at it by HTTP.
 */
final class KafkaLoader extends Loader {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final String ENDED = "{\"type\":\"ENDED\",\"status\":\"COMPLETED\"}";

  private final KafkaTraffic traffic;

  // Only touched by steps.
  private boolean ended;

  KafkaLoader(
      Script script,
      Calls calls,
      Supplier<String> service,
      Consumer<Attempt> noted,
      KafkaTraffic traffic) {
    super(script, calls, service, noted);
    this.traffic = traffic;
  }

  /** What a broker does not say it has may be there all the same, and is sent again. */
  @Override
  Attempt attempt(Script.Request next, boolean again) {
    long begun = System.nanoTime();
    Outcome outcome = Outcome.HANDED_OVER;
    String said = "";
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try {
      next.lines().forEach(line -> sent.add(send(line.text())));
      for (Future<RecordMetadata> one : sent) {
        one.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      outcome = Outcome.UNKNOWN;
      said = "" + e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      outcome = Outcome.UNKNOWN;
    }
    return new Attempt(next.lines(), outcome, null, begun, System.nanoTime(), said, again, false);
  }

  private Future<RecordMetadata> send(String value) {
    return traffic.sendRaw("" + batch(), value);
  }

  @Override
  @Nullable BatchStatus complete() {
    if (!ended) {
      try {
        send(ENDED).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        ended = true;
      } catch (ExecutionException | TimeoutException e) {
        return null; // It may be there; a second one changes nothing.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    return calls
        .snapshot(service.get(), batch())
        .map(Snapshot::status)
        .filter(status -> !status.isOpen())
        .orElse(null);
  }

  @Override
  void afterTheEnd() {
    isOverNow();
  }
}
