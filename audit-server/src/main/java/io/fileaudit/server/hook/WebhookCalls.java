package io.fileaudit.server.hook;

import io.fileaudit.api.hook.DeliveryState;
import io.fileaudit.api.hook.NewWebhook;
import io.fileaudit.api.hook.Webhook;
import io.fileaudit.api.hook.WebhookDelivery;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.Scope;
import io.fileaudit.core.hook.HookSender;
import io.fileaudit.core.json.SentJson;
import io.fileaudit.core.store.WebhookStore;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Body;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.CallHandler;
import io.fileaudit.server.http.Cursor;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Sets, shows, tries and takes away webhooks, and shows what became of what they told. */
public final class WebhookCalls {
  private static final String ONE = "/api/v1/webhooks/{name}";
  private static final Logger security = LoggerFactory.getLogger("io.fileaudit.security");
  private static final int MOST_BYTES = 64 * 1024;
  private static final int PAGE = 50;
  private static final int LARGEST_PAGE = 500;
  private static final char CURSOR = 'w';

  /** How long a name may be looked up while somebody waits for an answer. */
  private static final Duration LOOK_UP = Duration.ofSeconds(3);

  private final WebhookStore store;
  private final HookSender sender;
  private final HookGate gate;
  private final RandomGenerator random;

  /**
   * Calls about the webhooks in that store.
   *
   * @param random makes secrets, so it has to be one that nobody can guess
   */
  public WebhookCalls(WebhookStore store, HookSender sender, HookWay way, RandomGenerator random) {
    this.store = store;
    this.sender = sender;
    this.gate = way.gate();
    this.random = random;
  }

  /**
   * The routes of this class. All need {@code operate}: an address may be a secret, and whoever is
   * told is nobody's matter who only looks.
   */
  public List<Route> routes() {
    return List.of(
        route(HttpMethod.GET, "/api/v1/webhooks", this::list),
        route(HttpMethod.PUT, ONE, this::put),
        route(HttpMethod.GET, ONE, this::show),
        route(HttpMethod.DELETE, ONE, this::remove),
        route(HttpMethod.POST, ONE + "/test", this::test),
        route(HttpMethod.GET, ONE + "/deliveries", this::deliveries),
        route(HttpMethod.POST, ONE + "/deliveries/{number}/retry", this::retry));
  }

  private static Route route(HttpMethod method, String pattern, CallHandler handler) {
    return new Route(method, pattern, Set.of(Scope.OPERATE), handler);
  }

  private Mono<ServerResponse> list(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    return store
        .list(call.namespace())
        .collectList()
        .flatMap(all -> Answers.json(new Answers.Items(all)));
  }

  private Mono<ServerResponse> show(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    return store
        .find(call.namespace(), name(call))
        .switchIfEmpty(Mono.error(() -> unknown(call)))
        .flatMap(Answers::json);
  }

  private Mono<ServerResponse> put(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    String name = WebhookRules.name(call.request().pathVariable("name"));
    return Body.json(call, MOST_BYTES)
        .map(json -> SentJson.read(json, NewWebhook.class))
        .map(sent -> WebhookRules.wanted(sent, random))
        .flatMap(wanted -> mayBeGoneTo(wanted.url()).thenReturn(wanted))
        .flatMap(
            wanted ->
                store
                    .put(call.namespace(), name, wanted, call.principal().name())
                    .doOnNext(put -> note(call, name, "set"))
                    .flatMap(put -> answer(put, wanted)));
  }

  /** Where it is clear already that it may not; a name that is not found may come to be. */
  private Mono<Void> mayBeGoneTo(String url) {
    return gate.open(WebhookRules.address(url))
        .timeout(LOOK_UP)
        .onErrorMap(HookGate.ClosedException.class, error -> WebhookRules.refused(error))
        .onErrorResume(error -> !(error instanceof AuditException), error -> Mono.empty())
        .then();
  }

  private static Mono<ServerResponse> answer(WebhookStore.Put put, WebhookStore.Wanted wanted) {
    boolean made = put.created() && wanted.secret() == null;
    return Answers.json(
        ServerResponse.status(put.created() ? HttpStatus.CREATED : HttpStatus.OK),
        made ? withSecret(put.webhook(), wanted.otherwise()) : put.webhook());
  }

  private static Webhook withSecret(Webhook shown, String secret) {
    return new Webhook(
        shown.name(),
        shown.url(),
        shown.tables(),
        shown.events(),
        shown.enabled(),
        shown.disabledReason(),
        shown.createdAt(),
        shown.createdBy(),
        shown.changedAt(),
        shown.changedBy(),
        shown.waiting(),
        shown.last(),
        secret);
  }

  private Mono<ServerResponse> remove(Call call) {
    Parameters.none(call);
    return store
        .remove(call.namespace(), name(call))
        .flatMap(
            removed -> {
              if (!removed) {
                return Mono.error(unknown(call));
              }
              note(call, name(call), "removed");
              return ServerResponse.noContent().build();
            });
  }

  private static void note(Call call, String name, String what) {
    security
        .atInfo()
        .addKeyValue("namespace", call.namespace())
        .addKeyValue("webhook", name)
        .log(
            "webhook {} of namespace {} was {} by {}",
            name,
            call.namespace(),
            what,
            call.principal().name());
  }

  private Mono<ServerResponse> test(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    return sender
        .test(call.namespace(), name(call))
        .switchIfEmpty(Mono.error(() -> unknown(call)))
        .flatMap(Answers::json);
  }

  private Mono<ServerResponse> deliveries(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters given = Parameters.of(call, "state", "cursor", "page_size");
    DeliveryState state = given.read("state", WebhookCalls::state);
    int size = (int) given.integer("page_size", 1, LARGEST_PAGE, PAGE);
    String cursor = given.text("cursor");
    long before = cursor == null ? Long.MAX_VALUE : number(Cursor.place(CURSOR, cursor));
    return store
        .find(call.namespace(), name(call))
        .switchIfEmpty(Mono.error(() -> unknown(call)))
        .flatMap(
            hook ->
                store
                    .deliveries(call.namespace(), hook.name(), state, before, size + 1)
                    .collectList())
        .flatMap(found -> Answers.json(page(found, size)));
  }

  private static DeliveryState state(String word) {
    for (DeliveryState state : DeliveryState.values()) {
      if (state.wireName().equals(word.toLowerCase(Locale.ROOT))) {
        return state;
      }
    }
    throw new IllegalArgumentException(
        "\"" + Call.shortened(word) + "\" is none of waiting, delivered, given_up");
  }

  private static long number(String place) {
    try {
      return Long.parseLong(place);
    } catch (NumberFormatException e) {
      throw Cursor.bad();
    }
  }

  private static Answers.Page page(List<WebhookDelivery> found, int size) {
    List<WebhookDelivery> shown = found.subList(0, Math.min(size, found.size()));
    String next =
        found.size() > size
            ? Cursor.of(CURSOR, Long.toString(shown.get(shown.size() - 1).number()))
            : null;
    return new Answers.Page(shown, next);
  }

  private Mono<ServerResponse> retry(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    String text = call.request().pathVariable("number");
    return Mono.justOrEmpty(delivery(text))
        .flatMap(number -> store.retry(call.namespace(), name(call), number))
        .switchIfEmpty(
            Mono.error(
                () ->
                    new AuditException(
                        ProblemType.NOT_FOUND,
                        "no delivery "
                            + Call.shortened(text)
                            + " of webhook "
                            + Call.shortened(call.request().pathVariable("name")))))
        .flatMap(Answers::json);
  }

  private static @Nullable Long delivery(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** A name that cannot be one is that of no webhook. */
  private static String name(Call call) {
    String name = call.request().pathVariable("name");
    if (!WebhookRules.isName(name)) {
      throw unknown(call);
    }
    return name;
  }

  private static AuditException unknown(Call call) {
    return new AuditException(
        ProblemType.NOT_FOUND, "no webhook " + Call.shortened(call.request().pathVariable("name")));
  }
}
