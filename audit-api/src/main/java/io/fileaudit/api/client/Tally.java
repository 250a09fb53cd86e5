package io.fileaudit.api.client;

import java.util.ArrayList;
import java.util.List;

/** Counts what became of the events of one batch. Thread-safe. */
final class Tally {
  static final int NAMED = 1_000;

  /** What was counted so far. */
  record Counts(long acknowledged, long refused, long spooled, List<RefusedEvent> refusals) {}

  private final ClientMeters meters;
  private final List<RefusedEvent> refusals = new ArrayList<>();
  private long acknowledged;
  private long refused;
  private long spooled;

  Tally(ClientMeters meters) {
    this.meters = meters;
  }

  synchronized void acknowledged(long events) {
    acknowledged += events;
    meters.acknowledged(events);
  }

  synchronized void refused(RefusedEvent event) {
    refused++;
    meters.refused();
    if (refusals.size() < NAMED) {
      refusals.add(event);
    }
  }

  /** So many are on the disk; less than nothing where they left it. */
  synchronized void spooled(long events) {
    spooled += events;
  }

  synchronized Counts counts() {
    return new Counts(acknowledged, refused, spooled, List.copyOf(refusals));
  }
}
