package io.fileaudit.core.store;

import io.fileaudit.api.hook.DeliveryState;
import io.fileaudit.api.hook.Webhook;
import io.fileaudit.api.hook.WebhookDelivery;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.api.table.TableExpectation;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.Flagging;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Webhooks of a store in memory; guarded by the store's lock. */
final class MemoryWebhooks implements WebhookStore {
  private record Name(String namespace, String name) implements Comparable<Name> {
    @Override
    public int compareTo(Name other) {
      int order = namespace.compareTo(other.namespace);
      return order != 0 ? order : name.compareTo(other.name);
    }
  }

  private record Hook(
      long number,
      Name name,
      Wanted wanted,
      String secret,
      boolean enabled,
      @Nullable String disabledReason,
      Instant createdAt,
      String createdBy,
      Instant changedAt,
      String changedBy) {
    boolean wants(HookEvent event, @Nullable String table) {
      List<String> tables = wanted.tables();
      return enabled
          && wanted.events().contains(event)
          && (tables == null || (table != null && tables.contains(table)));
    }

    Hook disabled(String why) {
      return new Hook(
          number, name, wanted, secret, false, why, createdAt, createdBy, changedAt, changedBy);
    }
  }

  /** How often a webhook failed in succession, and until when it rests. */
  private record Rest(int failures, Instant until) {}

  private static final class Delivery {
    final long number;
    final long hook;
    final String id = "msg_" + UUID.randomUUID();
    final HookEvent event;
    final HookNotice notice;
    final @Nullable UUID batch;
    final @Nullable String table;
    final @Nullable String period;
    int tries;
    @Nullable Instant firstAt;
    Instant nextAt;
    @Nullable UUID claim;
    @Nullable Instant lastAt;
    @Nullable Tried last;
    @Nullable Instant endedAt;
    DeliveryState state = DeliveryState.WAITING;

    Delivery(
        long number,
        long hook,
        HookEvent event,
        HookNotice notice,
        @Nullable UUID batch,
        @Nullable String table,
        @Nullable String period) {
      this.number = number;
      this.hook = hook;
      this.event = event;
      this.notice = notice;
      this.batch = batch;
      this.table = table;
      this.period = period;
      this.nextAt = notice.at();
    }

    boolean waits() {
      return state == DeliveryState.WAITING;
    }

    WebhookDelivery shown() {
      Tried tried = last;
      return new WebhookDelivery(
          number,
          id,
          event.word(),
          batch,
          table,
          period,
          notice.at(),
          state,
          tries,
          lastAt,
          tried == null ? null : tried.status(),
          tried == null ? null : tried.millis(),
          tried == null ? null : tried.error(),
          waits() ? nextAt : null,
          endedAt);
    }
  }

  private final MemoryAuditStore store;
  private final Map<Name, Hook> hooks = new TreeMap<>();
  private final List<Delivery> deliveries = new ArrayList<>();
  private final Map<BatchKey, Set<String>> raised = new HashMap<>();
  private final Map<Long, Rest> rests = new HashMap<>();
  private long numbers;

  MemoryWebhooks(MemoryAuditStore store) {
    this.store = store;
  }

  /** Notes that a batch came to have another status; within {@link MemoryAuditStore#looking}. */
  void changed(MemoryBatch batch, @Nullable BatchState before, StatusChange change) {
    if (before == null || before.run() != change.run()) {
      raised.remove(change.key());
    }
    if (before != null) {
      HookEvent.of(change.status())
          .ifPresent(event -> tell(event, new HookNotice.OfStatus(change), batch));
    }
  }

  private void tell(HookEvent event, HookNotice notice, MemoryBatch batch) {
    String namespace = batch.key.namespace();
    String table =
        batch.spec.table() != null || batch.spec.parent() == null
            ? batch.spec.table()
            : store.all().stream()
                .filter(parent -> parent.key.equals(new BatchKey(namespace, batch.spec.parent())))
                .map(parent -> parent.spec.table())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    for (Hook hook : List.copyOf(hooks.values())) {
      if (hook.name().namespace().equals(namespace) && hook.wants(event, table)) {
        add(hook, event, notice, batch.key.id(), batch.spec.table(), batch.spec.period());
      }
    }
  }

  private Delivery add(
      Hook hook,
      HookEvent event,
      HookNotice notice,
      @Nullable UUID batch,
      @Nullable String table,
      @Nullable String period) {
    Delivery made = new Delivery(++numbers, hook.number(), event, notice, batch, table, period);
    deliveries.add(made);
    return made;
  }

  /** Notes that a table is overdue; within {@link MemoryAuditStore#looking}. */
  void overdue(String namespace, TableExpectation found, Instant now) {
    for (Hook hook : List.copyOf(hooks.values())) {
      if (hook.name().namespace().equals(namespace)
          && hook.wants(HookEvent.OVERDUE, found.table())) {
        add(
            hook,
            HookEvent.OVERDUE,
            new HookNotice.OfTable(namespace, found, now),
            null,
            found.table(),
            null);
      }
    }
  }

  private <T> Mono<T> looking(Supplier<T> work) {
    return Mono.fromSupplier(() -> store.looking(work));
  }

  private <T> Mono<T> finding(Supplier<Optional<T>> work) {
    return looking(work).flatMap(Mono::justOrEmpty);
  }

  @Override
  public Mono<Put> put(String namespace, String name, Wanted wanted, String by) {
    return looking(
        () -> {
          Name key = new Name(namespace, name);
          Hook before = hooks.get(key);
          long others =
              hooks.keySet().stream()
                  .filter(other -> other.namespace().equals(namespace) && !other.equals(key))
                  .count();
          if (others >= MOST_WEBHOOKS) {
            throw new AuditException(
                ProblemType.INVALID_REQUEST,
                "the namespace has " + others + " webhooks, which is as many as it may");
          }
          Instant now = store.now();
          String kept = before == null ? wanted.otherwise() : before.secret();
          Hook set =
              new Hook(
                  before == null ? ++numbers : before.number(),
                  key,
                  wanted,
                  wanted.secret() == null ? kept : wanted.secret(),
                  wanted.enabled(),
                  null,
                  before == null ? now : before.createdAt(),
                  before == null ? by : before.createdBy(),
                  now,
                  by);
          hooks.put(key, set);
          rests.remove(set.number());
          return new Put(shown(set), before == null);
        });
  }

  private Webhook shown(Hook hook) {
    List<Delivery> of =
        deliveries.stream().filter(delivery -> delivery.hook == hook.number()).toList();
    return new Webhook(
        hook.name().name(),
        hook.wanted().url(),
        hook.wanted().tables(),
        hook.wanted().events().stream().sorted().map(HookEvent::word).toList(),
        hook.enabled(),
        hook.disabledReason(),
        hook.createdAt(),
        hook.createdBy(),
        hook.changedAt(),
        hook.changedBy(),
        (int) of.stream().filter(Delivery::waits).limit(1_000).count(),
        of.stream()
            .filter(delivery -> delivery.lastAt != null)
            .max(Comparator.comparing(delivery -> Objects.requireNonNull(delivery.lastAt)))
            .map(Delivery::shown)
            .orElse(null),
        null);
  }

  @Override
  public Flux<Webhook> list(String namespace) {
    return looking(
            () ->
                hooks.values().stream()
                    .filter(hook -> hook.name().namespace().equals(namespace))
                    .map(this::shown)
                    .toList())
        .flatMapIterable(all -> all);
  }

  @Override
  public Mono<Webhook> find(String namespace, String name) {
    return finding(() -> hook(namespace, name).map(this::shown));
  }

  private Optional<Hook> hook(String namespace, String name) {
    return Optional.ofNullable(hooks.get(new Name(namespace, name)));
  }

  @Override
  public Mono<Boolean> remove(String namespace, String name) {
    return looking(
        () -> {
          Hook removed = hooks.remove(new Name(namespace, name));
          if (removed != null) {
            deliveries.removeIf(delivery -> delivery.hook == removed.number());
            rests.remove(removed.number());
          }
          return removed != null;
        });
  }

  @Override
  public Flux<WebhookDelivery> deliveries(
      String namespace, String name, @Nullable DeliveryState state, long before, int limit) {
    return looking(
            () ->
                hook(namespace, name).stream()
                    .flatMap(hook -> deliveries.stream().filter(one -> one.hook == hook.number()))
                    .filter(one -> one.number < before && (state == null || one.state == state))
                    .sorted(Comparator.comparingLong((Delivery one) -> one.number).reversed())
                    .limit(limit)
                    .map(Delivery::shown)
                    .toList())
        .flatMapIterable(all -> all);
  }

  @Override
  public Mono<WebhookDelivery> retry(String namespace, String name, long number) {
    return finding(
        () ->
            hook(namespace, name)
                .flatMap(hook -> named(number).filter(one -> one.hook == hook.number()))
                .map(this::again));
  }

  private Optional<Delivery> named(long number) {
    return deliveries.stream().filter(one -> one.number == number).findFirst();
  }

  private WebhookDelivery again(Delivery delivery) {
    Instant now = store.now();
    if (!(delivery.waits() && delivery.claim != null && delivery.nextAt.isAfter(now))) {
      delivery.tries = 0;
      delivery.firstAt = null;
      delivery.claim = null;
      delivery.nextAt = now;
      delivery.endedAt = null;
      delivery.state = DeliveryState.WAITING;
      rests.computeIfPresent(delivery.hook, (hook, rest) -> new Rest(rest.failures(), now));
    }
    return delivery.shown();
  }

  @Override
  public Mono<Claimed> test(String namespace, String name, Duration lease) {
    return finding(
        () ->
            hook(namespace, name)
                .map(
                    hook -> {
                      HookNotice notice = new HookNotice.OfTest(store.now());
                      Delivery made = add(hook, HookEvent.TEST, notice, null, null, null);
                      return claimed(hook, made, lease);
                    }));
  }

  private Claimed claimed(Hook hook, Delivery delivery, Duration lease) {
    Instant now = store.now();
    UUID claim = UUID.randomUUID();
    Instant first = delivery.firstAt == null ? now : delivery.firstAt;
    delivery.claim = claim;
    delivery.tries++;
    delivery.firstAt = first;
    delivery.nextAt = now.plus(lease);
    return new Claimed(
        delivery.number,
        delivery.id,
        claim,
        new Target(
            hook.number(),
            hook.name().namespace(),
            hook.name().name(),
            hook.wanted().url(),
            hook.secret()),
        delivery.event,
        delivery.notice,
        delivery.tries,
        Duration.between(first, now),
        failures(hook.number()));
  }

  private int failures(long hook) {
    Rest rest = rests.get(hook);
    return rest == null ? 0 : rest.failures();
  }

  @Override
  public Flux<Claimed> claim(Share share, Duration lease) {
    return looking(
            () -> {
              Instant now = store.now();
              List<Claimed> all = new ArrayList<>();
              for (Hook hook : hooks.values()) {
                Rest rest = rests.get(hook.number());
                if (hook.enabled()
                    && !share.full().contains(hook.number())
                    && (rest == null || !rest.until().isAfter(now))) {
                  List<Delivery> due =
                      due(hook, now).stream()
                          .limit(
                              Math.min(rest != null ? 1 : share.each(), share.limit() - all.size()))
                          .toList();
                  due.forEach(delivery -> all.add(claimed(hook, delivery, lease)));
                  if (rest != null && !due.isEmpty()) {
                    rests.put(hook.number(), new Rest(rest.failures(), now.plus(lease)));
                  }
                }
              }
              return all;
            })
        .flatMapIterable(all -> all);
  }

  private List<Delivery> due(Hook hook, Instant now) {
    Set<UUID> begun = new HashSet<>();
    return deliveries.stream()
        .filter(one -> one.hook == hook.number() && one.waits())
        .filter(one -> one.batch == null || begun.add(one.batch))
        .filter(one -> !one.nextAt.isAfter(now))
        .sorted(Comparator.comparing((Delivery one) -> one.nextAt))
        .toList();
  }

  @Override
  public Mono<Boolean> settle(Claimed claimed, Tried tried) {
    return looking(
        () -> {
          Delivery delivery =
              named(claimed.number())
                  .filter(one -> one.waits() && claimed.claim().equals(one.claim))
                  .orElse(null);
          if (delivery == null) {
            return false;
          }
          Instant now = store.now();
          delivery.claim = null;
          delivery.lastAt = now;
          delivery.last = tried;
          delivery.nextAt = now.plus(tried.pause());
          delivery.state = tried.state();
          delivery.endedAt = tried.state() == DeliveryState.WAITING ? null : now;
          rest(claimed, tried, now);
          String why = tried.disabling();
          if (why != null) {
            hooks.computeIfPresent(
                new Name(claimed.target().namespace(), claimed.target().name()),
                (name, hook) ->
                    hook.wanted().url().equals(claimed.target().url()) ? hook.disabled(why) : hook);
          }
          return true;
        });
  }

  /** What was begun before others failed ends no rest. */
  private void rest(Claimed claimed, Tried tried, Instant now) {
    long hook = claimed.target().number();
    boolean isLatest = failures(hook) == claimed.failures();
    if (tried.state() == DeliveryState.DELIVERED) {
      if (isLatest) {
        rests.remove(hook);
      }
    } else if (claimed.event() != HookEvent.TEST) {
      Instant until = now.plus(tried.rest());
      Rest before = rests.get(hook);
      rests.put(
          hook,
          new Rest(
              Math.max(failures(hook), claimed.failures() + 1),
              isLatest || before == null || before.until().isBefore(until)
                  ? until
                  : before.until()));
    }
  }

  @Override
  public Mono<OutboxStore.Backlog> backlog() {
    return looking(
        () -> {
          List<Instant> waiting =
              deliveries.stream()
                  .filter(Delivery::waits)
                  .filter(this::isForOneSwitchedOn)
                  .map(delivery -> delivery.notice.at())
                  .sorted()
                  .toList();
          return waiting.isEmpty()
              ? OutboxStore.Backlog.NONE
              : new OutboxStore.Backlog(
                  waiting.size(), Duration.between(waiting.get(0), store.now()));
        });
  }

  private boolean isForOneSwitchedOn(Delivery delivery) {
    return hooks.values().stream()
        .anyMatch(hook -> hook.number() == delivery.hook && hook.enabled());
  }

  @Override
  public Mono<Boolean> flags(int limit) {
    return looking(
        () -> {
          for (MemoryBatch batch : List.copyOf(store.all())) {
            if (wantsFlags(batch.key.namespace())) {
              look(batch, store.record(batch));
            }
          }
          return false;
        });
  }

  private boolean wantsFlags(String namespace) {
    return hooks.values().stream()
        .filter(hook -> hook.name().namespace().equals(namespace) && hook.enabled())
        .anyMatch(hook -> hook.wanted().events().stream().anyMatch(HookEvent.FLAGS::contains));
  }

  private void look(MemoryBatch batch, BatchRecord record) {
    Set<String> before = raised.getOrDefault(batch.key, Set.of());
    Set<String> now = new HashSet<>();
    for (Flagging.Raised flag : Flagging.of(record).raised()) {
      now.add(flag.flag().wireName());
      if (!before.contains(flag.flag().wireName())) {
        HookNotice notice = new HookNotice.OfFlag(batch.statusChange(record.now()), flag);
        HookEvent.of(flag.flag()).ifPresent(event -> tell(event, notice, batch));
      }
    }
    if (now.isEmpty()) {
      raised.remove(batch.key);
    } else {
      raised.put(batch.key, now);
    }
  }

  @Override
  public Mono<Boolean> tidy(Duration age, int limit) {
    return looking(
        () -> {
          Instant before = store.now().minus(age);
          List<Delivery> old =
              deliveries.stream()
                  .filter(one -> one.endedAt != null && one.endedAt.isBefore(before))
                  .limit(limit)
                  .toList();
          deliveries.removeAll(old);
          List<Delivery> late =
              deliveries.stream()
                  .filter(one -> one.waits() && one.notice.at().isBefore(before))
                  .filter(one -> !one.nextAt.isAfter(store.now()))
                  .limit(limit)
                  .toList();
          late.forEach(this::giveUp);
          return old.size() >= limit || late.size() >= limit;
        });
  }

  private void giveUp(Delivery delivery) {
    delivery.state = DeliveryState.GIVEN_UP;
    delivery.endedAt = store.now();
    delivery.claim = null;
    if (delivery.last == null) {
      delivery.last =
          new Tried(
              DeliveryState.GIVEN_UP,
              Duration.ZERO,
              Duration.ZERO,
              null,
              0,
              "it waited too long",
              null);
    }
  }
}
