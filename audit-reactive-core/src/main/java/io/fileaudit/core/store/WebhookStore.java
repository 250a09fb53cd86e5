package io.fileaudit.core.store;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.hook.DeliveryState;
import io.fileaudit.api.hook.Webhook;
import io.fileaudit.api.hook.WebhookDelivery;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The part of the port that keeps webhooks and what they have to tell. A delivery is there from the
 * transaction on in which what it tells came to be so. Thread-safe; everything is lazy; a change
 * that was begun is finished whether or not its caller still waits. All times are the store's.
 * Errors: {@code unavailable}.
 */
@CheckReturnValue
public interface WebhookStore {
  /** How many webhooks a namespace may have. */
  int MOST_WEBHOOKS = 50;

  /**
   * A webhook that is to be, checked.
   *
   * @param url where it goes
   * @param secret what it is signed with; null keeps the present one
   * @param otherwise what it is signed with where there is no present one and none is given
   * @param tables null means all, and batches of no table
   */
  record Wanted(
      String url,
      @Nullable String secret,
      String otherwise,
      @Nullable List<String> tables,
      Set<HookEvent> events,
      boolean enabled) {
    /** Without the secrets. */
    @Override
    public String toString() {
      return "Wanted[tables=" + tables + ", events=" + events + ", enabled=" + enabled + "]";
    }
  }

  /**
   * A webhook that was set.
   *
   * @param webhook as it is shown
   * @param created whether it is new
   */
  record Put(Webhook webhook, boolean created) {}

  /**
   * Where a delivery goes, as it is at that moment.
   *
   * @param number names the webhook; one of the same name that is made later has another number
   */
  record Target(long number, String namespace, String name, String url, String secret) {
    /** Without the secret and the address, which may hold one. */
    @Override
    public String toString() {
      return namespace + "/" + name;
    }
  }

  /**
   * A delivery that whoever claimed it may try once.
   *
   * @param number names the delivery
   * @param id the same for each of its tries, as a receiver knows it
   * @param claim names this claim
   * @param target where it goes
   * @param event what kind of thing it tells
   * @param notice what it tells
   * @param tries how often it is tried with this time
   * @param age since its first try
   * @param failures how often in succession the webhook had failed when it was claimed
   */
  record Claimed(
      long number,
      String id,
      UUID claim,
      Target target,
      HookEvent event,
      HookNotice notice,
      int tries,
      Duration age,
      int failures) {}

  /**
   * How a try went.
   *
   * @param state what the delivery is by it
   * @param pause until it may be tried again, where it waits
   * @param rest how long nothing else goes to the webhook, where it failed
   * @param status the HTTP status of the answer; null where none came
   * @param millis how long it took
   * @param error why it was not delivered; null where it was
   * @param disabling why the webhook is to be switched off; null where it is not
   */
  record Tried(
      DeliveryState state,
      Duration pause,
      Duration rest,
      @Nullable Integer status,
      int millis,
      @Nullable String error,
      @Nullable String disabling) {}

  /**
   * Whom to take deliveries of.
   *
   * @param full webhooks of which none is taken
   * @param each how many are taken of each other; of one whose last try failed it is one
   * @param limit the most of all
   */
  record Share(Collection<Long> full, int each, int limit) {}

  /**
   * Sets a webhook. Fails with {@code invalid-request} where the namespace has too many.
   *
   * @param by who does it
   */
  Mono<Put> put(String namespace, String name, Wanted wanted, String by);

  /** The webhooks of a namespace by name. */
  Flux<Webhook> list(String namespace);

  /** A webhook; empty where there is none. */
  Mono<Webhook> find(String namespace, String name);

  /** Takes a webhook away, and what waits for it; false where there was none. */
  Mono<Boolean> remove(String namespace, String name);

  /**
   * The log of a webhook, newest first; nothing where there is no such webhook.
   *
   * @param state only those; null means all
   * @param before only those of lower numbers
   */
  Flux<WebhookDelivery> deliveries(
      String namespace, String name, @Nullable DeliveryState state, long before, int limit);

  /**
   * Lets a delivery be tried at once, as if it had never been, and ends the webhook's rest. One
   * that waits behind another of its batch still does. Empty where there is none of that number.
   */
  Mono<WebhookDelivery> retry(String namespace, String name, long number);

  /**
   * A test of a webhook, claimed; empty where there is no such webhook. It goes by itself, also
   * where the webhook is switched off.
   */
  Mono<Claimed> test(String namespace, String name, Duration lease);

  /**
   * Claims deliveries whose time has come, of webhooks that are switched on. Of one webhook and
   * batch only the oldest that is neither delivered nor given up is given. Of a webhook whose last
   * try failed nothing is given before its rest is over, and then one until that is settled. What
   * is not settled within the lease is given again.
   */
  Flux<Claimed> claim(Share share, Duration lease);

  /**
   * Notes how a try went, and lets the webhook rest where it failed, unless it was a test; false
   * where the claim was lost meanwhile, and nothing is noted.
   */
  Mono<Boolean> settle(Claimed claimed, Tried tried);

  /**
   * The deliveries that wait for webhooks that are switched on, over all namespaces, and how long
   * the oldest of them has waited since what it tells came to be so, at a bounded cost; a store may
   * stop counting at 10,000.
   */
  Mono<OutboxStore.Backlog> backlog();

  /**
   * Looks for flags that open batches have come to have, where a webhook wants to know, and notes
   * each once while it lasts. Of several nodes each looks at other batches.
   *
   * @param limit the most batches
   * @return whether there may be more to look at
   */
  Mono<Boolean> flags(int limit);

  /**
   * Takes away what was delivered or given up that long ago, and gives up what has waited that
   * long; a bounded part of it.
   *
   * @param limit the most deliveries of each kind
   * @return whether there may be more to take away
   */
  Mono<Boolean> tidy(Duration age, int limit);
}
