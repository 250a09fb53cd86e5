package io.fileaudit.server.http;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.cors.reactive.CorsUtils;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Refuses what no client of good will sends, and whatever comes while the service is stopping. */
public final class GuardFilter implements WebFilter {
  /** What browsers may do with an answer: show it as what it is, and nothing of other sites. */
  private static final Map<String, String> HEADERS =
      Map.of(
          "X-Content-Type-Options", "nosniff",
          "Content-Security-Policy",
              "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
          "Referrer-Policy", "no-referrer",
          "Cross-Origin-Opener-Policy", "same-origin",
          "Cross-Origin-Resource-Policy", "same-origin");

  private static final int MOST_FORMS = 50;

  private final Closing closing;
  private final boolean secure;

  /**
   * A filter that lets nothing in once {@code closing} has begun.
   *
   * @param secure whether browsers reach the service by TLS
   */
  public GuardFilter(Closing closing, boolean secure) {
    this.closing = closing;
    this.secure = secure;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    HttpHeaders answer = exchange.getResponse().getHeaders();
    HEADERS.forEach(answer::set);
    if (secure) {
      answer.set("Strict-Transport-Security", "max-age=31536000");
    }
    answer.setCacheControl("no-store");
    if (closing.hasBegun()) {
      answer.set(HttpHeaders.CONNECTION, "close");
      return Mono.error(new AuditException(ProblemType.UNAVAILABLE, "this node is stopping"));
    }
    if (CorsUtils.isPreFlightRequest(exchange.getRequest())) {
      return Mono.error(
          new AuditException(
              ProblemType.METHOD_NOT_ALLOWED, "pages of other sites may not call this service"));
    }
    checkPath(exchange.getRequest());
    checkQuery(exchange.getRequest());
    checkAccept(exchange.getRequest());
    return chain.filter(exchange);
  }

  private static void checkPath(ServerHttpRequest request) {
    String path = String.valueOf(request.getURI().getRawPath()).toLowerCase(Locale.ROOT);
    boolean hidden =
        path.contains("%2f")
            || path.contains("%5c")
            || path.contains("%00")
            || path.contains("%2e");
    if (hidden
        || path.contains("//")
        || path.contains("/./")
        || path.contains("/../")
        || path.endsWith("/..")) {
      throw new AuditException(
          ProblemType.BAD_REQUEST, "the path has empty, relative or encoded segments");
    }
    checkUtf8("path", path);
  }

  /** Spring cannot order more of them, and says so where it is too late for an answer. */
  private static void checkAccept(ServerHttpRequest request) {
    int forms = 0;
    for (String accept : request.getHeaders().getOrEmpty(HttpHeaders.ACCEPT)) {
      forms += accept.split(",", -1).length;
    }
    if (forms > MOST_FORMS) {
      throw new AuditException(
          ProblemType.BAD_REQUEST,
          "Accept names " + forms + " forms, expected at most " + MOST_FORMS);
    }
  }

  private static void checkQuery(ServerHttpRequest request) {
    String query = request.getURI().getRawQuery();
    if (query != null) {
      checkUtf8("query", query);
      request.getQueryParams();
    }
  }

  /** Reads byte by byte, because readers of text put U+FFFD for what is no UTF-8. */
  private static void checkUtf8(String name, String encoded) {
    if (encoded.indexOf('%') < 0) {
      return;
    }
    try {
      String bytes = URLDecoder.decode(encoded, StandardCharsets.ISO_8859_1);
      StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new AuditException(
          ProblemType.BAD_REQUEST, "the " + name + " is not percent-encoded UTF-8", e);
    }
  }
}
