package io.fileaudit.server.http;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.server.access.Access;
import io.fileaudit.server.access.AdminKey;
import io.fileaudit.server.access.Principal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Lets nobody pass without a key, and finds out which namespace a request is about. */
public final class AccessFilter implements WebFilter {
  /** The header that names the namespace. */
  public static final String NAMESPACE = "Audit-Namespace";

  private static final String OPEN_PATHS = "/problems/";
  private static final String DEFAULT_NAMESPACE = "default";
  private static final Pattern NAMESPACE_FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final String SCHEME = "bearer ";
  private static final Set<String> KEY_PARAMETERS =
      Set.of("key", "api_key", "apikey", "api-key", "token", "access_token", "authorization");
  private static final String PRINCIPAL_ATTRIBUTE = AccessFilter.class.getName() + ".principal";
  private static final String NAMESPACE_ATTRIBUTE = AccessFilter.class.getName() + ".namespace";
  private static final Logger log = LoggerFactory.getLogger(AccessFilter.class);

  private final Access access;

  /** A filter that asks {@code access} about every key. */
  public AccessFilter(Access access) {
    this.access = access;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    ServerHttpRequest request = exchange.getRequest();
    refuseKeyInQuery(request);
    if (request.getPath().pathWithinApplication().value().startsWith(OPEN_PATHS)) {
      return chain.filter(exchange);
    }
    String token = token(request.getHeaders());
    if (token == null) {
      return Mono.error(unauthenticated(exchange, "send the header Authorization: Bearer KEY"));
    }
    return access
        .principal(token)
        .switchIfEmpty(Mono.error(() -> unknownKey(exchange)))
        .flatMap(
            principal -> {
              exchange.getAttributes().put(PRINCIPAL_ATTRIBUTE, principal);
              exchange
                  .getAttributes()
                  .put(NAMESPACE_ATTRIBUTE, namespace(request.getHeaders(), principal));
              return chain.filter(exchange);
            });
  }

  static Principal principal(ServerRequest request) {
    return (Principal) attribute(request, PRINCIPAL_ATTRIBUTE);
  }

  static String namespace(ServerRequest request) {
    return (String) attribute(request, NAMESPACE_ATTRIBUTE);
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
              .anyMatch(value -> value != null && value.startsWith(AdminKey.PREFIX));
      if (named || shaped) {
        throw new AuditException(
            ProblemType.BAD_REQUEST,
            "a key does not belong in the URL; send the header Authorization: Bearer KEY");
      }
    }
  }

  private static @Nullable String token(HttpHeaders headers) {
    String value = Headers.one(headers, HttpHeaders.AUTHORIZATION);
    if (value == null || !value.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      return null;
    }
    String token = value.substring(SCHEME.length()).strip();
    return token.isEmpty() ? null : token;
  }

  private static AuditException unknownKey(ServerWebExchange exchange) {
    log.warn("refused a wrong key from {}", exchange.getRequest().getRemoteAddress());
    return unauthenticated(exchange, "the key is not valid");
  }

  private static AuditException unauthenticated(ServerWebExchange exchange, String detail) {
    exchange.getResponse().getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"audit\"");
    return new AuditException(ProblemType.UNAUTHENTICATED, detail);
  }

  private static String namespace(HttpHeaders headers, Principal principal) {
    String named = Headers.one(headers, NAMESPACE);
    if (named == null) {
      named = principal.onlyNamespace().orElse(DEFAULT_NAMESPACE);
    }
    if (!NAMESPACE_FORM.matcher(named).matches()) {
      throw new AuditException(
          ProblemType.BAD_REQUEST,
          NAMESPACE
              + " is \""
              + Call.shortened(named)
              + "\", expected "
              + NAMESPACE_FORM.pattern());
    }
    if (!principal.mayUse(named)) {
      throw new AuditException(ProblemType.FORBIDDEN, "the key may not use the namespace " + named);
    }
    return named;
  }
}
