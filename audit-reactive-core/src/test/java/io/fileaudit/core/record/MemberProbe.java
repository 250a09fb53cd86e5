package io.fileaudit.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.ingest.Received;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** A member of a group that asks for one poll after the other, as a test wants them. */
public final class MemberProbe extends BaseSubscriber<Polled> {
  private final Queue<Polled> polls = new ConcurrentLinkedQueue<>();
  private volatile Throwable failure;

  private MemberProbe() {}

  /** Joins, and asks for nothing yet. */
  public static MemberProbe join(RecordLog log) {
    MemberProbe probe = new MemberProbe();
    log.receive().subscribe(probe);
    return probe;
  }

  @Override
  protected void hookOnSubscribe(Subscription subscription) {}

  @Override
  protected void hookOnNext(Polled polled) {
    polls.add(polled);
  }

  @Override
  protected void hookOnError(Throwable error) {
    failure = error;
  }

  /** How many polls came that the test has not taken. */
  public int waiting() {
    return polls.size();
  }

  /** Why this membership is over; null while it is not. */
  public Throwable failure() {
    return failure;
  }

  /** Asks for one poll and waits for it. */
  public Polled next() {
    request(1);
    RecordLogContract.await(() -> !polls.isEmpty() || failure != null);
    Polled polled = polls.poll();
    assertThat(polled).as("a poll, where the membership's failure is %s", failure).isNotNull();
    return polled;
  }

  /** Takes polls until at least so many records came, and acknowledges each. */
  public List<Received> records(int count) {
    List<Received> records = new ArrayList<>();
    while (records.size() < count) {
      Polled polled = next();
      records.addAll(polled.records());
      polled.acknowledgement().run();
    }
    return records;
  }
}
