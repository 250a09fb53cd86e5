package io.fileaudit.server.http;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.Namespaces;
import io.fileaudit.core.access.Principal;
import io.fileaudit.core.access.Token;
import io.fileaudit.core.trace.RequestTrace;
import io.fileaudit.server.access.Access;
import io.fileaudit.server.access.KeyLimits;
import io.fileaudit.server.access.Logins;
import io.fileaudit.server.access.RefusalLog;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Lets nobody pass without a key or a session, and finds out which namespace a request is about. A
 * request of a session that changes something has to show that it comes from a page of this
 * service. A stream ends when the key that opened it does.
 */
public final class AccessFilter implements WebFilter {
  /** The header that names the namespace. */
  public static final String NAMESPACE = "Audit-Namespace";

  /** The name of the parameter for what cannot set that header. */
  static final String NAMESPACE_PARAMETER = "namespace";

  /** The header that shows that a change comes from a page of this service. */
  public static final String CSRF = "X-CSRF-Token";

  private static final String PAGES = "/ui";
  private static final String SCHEME = "bearer ";
  private static final Set<String> KEY_PARAMETERS =
      Set.of("key", "api_key", "apikey", "api-key", "token", "access_token", "authorization");
  static final Set<HttpMethod> LOOKING =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
  private static final String PRINCIPAL_ATTRIBUTE = AccessFilter.class.getName() + ".principal";
  private static final String NAMESPACE_ATTRIBUTE = AccessFilter.class.getName() + ".namespace";
  private static final String SESSION_ATTRIBUTE = AccessFilter.class.getName() + ".session";

  private final Access access;
  private final KeyLimits limits;
  private final SessionCookie cookie;
  private final Predicate<PathContainer> open;
  private final RefusalLog refusals;

  /**
   * A filter that asks {@code access} about every key.
   *
   * @param open which paths need none
   */
  public AccessFilter(
      Access access,
      KeyLimits limits,
      SessionCookie cookie,
      Predicate<PathContainer> open,
      RefusalLog refusals) {
    this.access = access;
    this.limits = limits;
    this.cookie = cookie;
    this.open = open;
    this.refusals = refusals;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    ServerHttpRequest request = exchange.getRequest();
    refuseKeyInQuery(request);
    if (open.test(request.getPath().pathWithinApplication())) {
      admit(exchange, Principal.NOBODY, Namespaces.DEFAULT);
      return chain.filter(exchange);
    }
    String key = key(request.getHeaders());
    String session = key == null ? cookie.of(request) : null;
    String token = key == null ? session : key;
    if (token == null) {
      return turnedAway(exchange, "none", "send the header Authorization: Bearer KEY");
    }
    // Each in its own place: a session must not be good without what guards it, nor a key with it.
    boolean misplaced = (session == null) == token.startsWith(Token.SESSION);
    return (misplaced ? Mono.<Principal>empty() : access.principal(token))
        .singleOptional()
        .flatMap(
            found ->
                found.isEmpty()
                    ? turnedAway(exchange, session == null ? "key" : "session", invalid(session))
                    : within(exchange, chain, found.get(), session));
  }

  private static String invalid(@Nullable String session) {
    return session == null ? "the key is not valid" : "the session has ended; sign in again";
  }

  private Mono<Void> within(
      ServerWebExchange exchange,
      WebFilterChain chain,
      Principal principal,
      @Nullable String session) {
    ServerHttpRequest request = exchange.getRequest();
    if (session != null && !LOOKING.contains(request.getMethod())) {
      checkOrigin(exchange, principal, session);
    }
    String namespace = namespace(exchange, principal);
    KeyLimits.Excess excess = limits.enter(principal);
    if (excess != null) {
      refusals.note(
          excess.name().toLowerCase(Locale.ROOT), principal.name() + ", which asks too much");
      return Mono.error(
          new AuditException(
              ProblemType.TOO_MANY_REQUESTS,
              excess == KeyLimits.Excess.RATE
                  ? "the key sends more requests a second than it may (AUDIT_KEY_RATE)"
                  : "the key has more requests open than it may (AUDIT_KEY_CONCURRENCY)"));
    }
    admit(exchange, principal, namespace);
    if (session != null) {
      exchange.getAttributes().put(SESSION_ATTRIBUTE, session);
    }
    Mono<Void> ended =
        access
            .ended(principal)
            .then(Mono.error(() -> unauthenticated(exchange, "the key has ended meanwhile")));
    return Mono.firstWithSignal(chain.filter(exchange), ended)
        .doFinally(signal -> limits.leave(principal));
  }

  private static void admit(ServerWebExchange exchange, Principal principal, String namespace) {
    exchange.getAttributes().put(PRINCIPAL_ATTRIBUTE, principal);
    exchange.getAttributes().put(NAMESPACE_ATTRIBUTE, namespace);
  }

  static Principal principal(ServerRequest request) {
    return (Principal) attribute(request, PRINCIPAL_ATTRIBUTE);
  }

  static String namespace(ServerRequest request) {
    return (String) attribute(request, NAMESPACE_ATTRIBUTE);
  }

  /** The token of the session that a request comes from; null where it brought a key. */
  static @Nullable String session(ServerRequest request) {
    return (String) request.attributes().get(SESSION_ATTRIBUTE);
  }

  private static Object attribute(ServerRequest request, String name) {
    return Objects.requireNonNull(request.attributes().get(name), "the access filter has not run");
  }

  /** A key in a URL ends in logs and histories; nobody should get used to that. */
  private static void refuseKeyInQuery(ServerHttpRequest request) {
    for (Map.Entry<String, List<String>> parameter : request.getQueryParams().entrySet()) {
      boolean named = KEY_PARAMETERS.contains(parameter.getKey().toLowerCase(Locale.ROOT));
      boolean shaped =
          parameter.getValue().stream()
              .anyMatch(
                  value ->
                      value != null
                          && (value.startsWith(Token.KEY) || value.startsWith(Token.SESSION)));
      if (named || shaped) {
        throw new AuditException(
            ProblemType.BAD_REQUEST,
            "a key does not belong in the URL; send the header Authorization: Bearer KEY");
      }
    }
  }

  private static @Nullable String key(HttpHeaders headers) {
    String value = Headers.one(headers, HttpHeaders.AUTHORIZATION);
    if (value == null || !value.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      return null;
    }
    String token = value.substring(SCHEME.length()).strip();
    return token.isEmpty() ? null : token;
  }

  /** A program is told 401; a browser that wants a page is led to where one signs in. */
  private Mono<Void> turnedAway(ServerWebExchange exchange, String reason, String detail) {
    return Mono.deferContextual(
        context -> turnedAway(exchange, reason, detail, RequestTrace.of(context)));
  }

  private Mono<Void> turnedAway(
      ServerWebExchange exchange, String reason, String detail, RequestTrace trace) {
    ServerHttpRequest request = exchange.getRequest();
    String path = request.getPath().value();
    boolean page =
        LOOKING.contains(request.getMethod())
            && (path.equals(PAGES) || path.startsWith(PAGES + "/"));
    if (!reason.equals("none")) {
      trace.within(() -> refusals.note(reason, "a wrong " + reason + " from " + address(request)));
    }
    if (!page) {
      return Mono.error(unauthenticated(exchange, detail));
    }
    String query = request.getURI().getRawQuery();
    String next = query == null ? path : path + "?" + query;
    exchange.getResponse().setStatusCode(HttpStatus.SEE_OTHER);
    exchange
        .getResponse()
        .getHeaders()
        .setLocation(
            URI.create(PAGES + "/login?next=" + URLEncoder.encode(next, StandardCharsets.UTF_8)));
    return exchange.getResponse().setComplete();
  }

  private static String address(ServerHttpRequest request) {
    return String.valueOf(request.getRemoteAddress());
  }

  private static AuditException unauthenticated(ServerWebExchange exchange, String detail) {
    if (!exchange.getResponse().isCommitted()) {
      exchange
          .getResponse()
          .getHeaders()
          .set(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"audit\"");
    }
    return new AuditException(ProblemType.UNAUTHENTICATED, detail);
  }

  /** A browser sends the cookie whoever makes it post, so the cookie alone proves nothing. */
  private void checkOrigin(ServerWebExchange exchange, Principal principal, String session) {
    ServerHttpRequest request = exchange.getRequest();
    boolean ofAPage =
        Origins.isOwn(request) && Logins.isCsrfToken(session, request.getHeaders().getFirst(CSRF));
    if (!ofAPage) {
      refusals.note(
          "csrf",
          request.getMethod()
              + " "
              + Call.shortened(request.getPath().value())
              + " with the session of "
              + principal.name()
              + ", which no page of this service sent");
      throw new AuditException(
          ProblemType.FORBIDDEN,
          "a change with a session comes from a page of this service, with its token in " + CSRF);
    }
  }

  /** What a browser asks for that cannot set a header, as in a feed or a link. */
  private static @Nullable String asked(ServerHttpRequest request) {
    List<String> values =
        LOOKING.contains(request.getMethod())
            ? request.getQueryParams().get(NAMESPACE_PARAMETER)
            : null;
    if (values == null) {
      return null;
    }
    if (values.size() > 1) {
      throw new AuditException(
          ProblemType.BAD_REQUEST, NAMESPACE_PARAMETER + " is there " + values.size() + " times");
    }
    return values.get(0) == null ? "" : values.get(0);
  }

  private String namespace(ServerWebExchange exchange, Principal principal) {
    HttpHeaders headers = exchange.getRequest().getHeaders();
    String named = Headers.one(headers, NAMESPACE);
    String asked = asked(exchange.getRequest());
    if (named != null && asked != null && !named.equals(asked)) {
      throw new AuditException(
          ProblemType.BAD_REQUEST,
          NAMESPACE + " names another namespace than the parameter " + NAMESPACE_PARAMETER);
    }
    if (named == null) {
      named = asked;
    }
    if (named == null) {
      named = principal.onlyNamespace().orElse(Namespaces.DEFAULT);
    }
    if (!Namespaces.isName(named)) {
      throw new AuditException(
          ProblemType.BAD_REQUEST,
          NAMESPACE + " is \"" + Call.shortened(named) + "\", expected " + Namespaces.form());
    }
    if (!principal.mayUse(named)) {
      refusals.note("namespace", "the namespace " + named + " to " + principal.name());
      throw new AuditException(ProblemType.FORBIDDEN, "the key may not use the namespace " + named);
    }
    return named;
  }
}
