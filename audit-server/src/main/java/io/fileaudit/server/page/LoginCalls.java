package io.fileaudit.server.page;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.Credential;
import io.fileaudit.server.access.Logins;
import io.fileaudit.server.access.RefusalLog;
import io.fileaudit.server.access.SecurityLog;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Body;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Origins;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import io.fileaudit.server.http.SessionCookie;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.util.HtmlUtils;
import reactor.core.publisher.Mono;

/** Signs browsers in, by a key that is pasted or a link that works once, and out. */
public final class LoginCalls {
  private static final MediaType HTML = new MediaType("text", "html", StandardCharsets.UTF_8);
  private static final String LOGIN = "/ui/login";
  private static final String HOME = "/ui";
  private static final int MOST_BYTES = 16 * 1024;

  private final Logins logins;
  private final SessionCookie cookie;
  private final RefusalLog refusals;
  private final String login = PageFiles.text("login.html");
  private final byte[] session = PageFiles.text("session.html").getBytes(StandardCharsets.UTF_8);

  /** Signs in by those logins. */
  public LoginCalls(Logins logins, SessionCookie cookie, RefusalLog refusals) {
    this.logins = logins;
    this.cookie = cookie;
    this.refusals = refusals;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        Route.open(HttpMethod.GET, LOGIN, this::form),
        Route.open(HttpMethod.POST, LOGIN, this::signIn),
        Route.any(HttpMethod.POST, "/ui/logout", this::signOut),
        Route.any(HttpMethod.GET, "/ui/session", this::session));
  }

  private Mono<ServerResponse> form(Call call) {
    Parameters given = Parameters.of(call, "next", "link");
    String next = local(given.text("next"));
    String link = given.text("link");
    if (link == null) {
      return page(HttpStatus.OK, "", next);
    }
    if (!isOpened(call)) {
      return page(HttpStatus.OK, "Open this link in a page of its own.", next);
    }
    return logins
        .byLink(link)
        .flatMap(made -> letIn(made, next, "a one-time link"))
        .switchIfEmpty(
            Mono.defer(
                () -> {
                  refusals.note("link", "a link that was used, has expired or never was");
                  return page(
                      HttpStatus.UNAUTHORIZED,
                      "This link was used before, or has expired. Make another one, or paste a key.",
                      next);
                }));
  }

  /**
   * Whether somebody goes to a link, rather than a page loading it as a picture, or a browser or
   * messenger looking ahead, which must not use it up.
   */
  private static boolean isOpened(Call call) {
    HttpHeaders headers = call.request().headers().asHttpHeaders();
    String loadedAs = headers.getFirst("Sec-Fetch-Dest");
    return call.request().method() == HttpMethod.GET
        && (loadedAs == null || loadedAs.equals("document"))
        && headers.getFirst("Sec-Purpose") == null
        && headers.getFirst("Purpose") == null;
  }

  private Mono<ServerResponse> signIn(Call call) {
    Parameters.none(call);
    if (!Origins.isOwn(call.request().exchange().getRequest())) {
      refusals.note("csrf", "a key that another site posted");
      throw new AuditException(
          ProblemType.FORBIDDEN, "a key is posted from the page of this service");
    }
    return Body.whole(call, MOST_BYTES, MediaType.APPLICATION_FORM_URLENCODED)
        .map(LoginCalls::fields)
        .flatMap(
            fields -> {
              String key = fields.getOrDefault("key", "").strip();
              String next = local(fields.get("next"));
              return key.isEmpty()
                  ? page(HttpStatus.UNAUTHORIZED, "Paste a key.", next)
                  : logins
                      .byKey(key)
                      .flatMap(made -> letIn(made, next, "a key"))
                      .switchIfEmpty(Mono.defer(() -> wrongKey(next)));
            });
  }

  private Mono<ServerResponse> wrongKey(String next) {
    refusals.note("key", "a wrong key on the page");
    return page(HttpStatus.UNAUTHORIZED, "That key is not valid.", next);
  }

  private Mono<ServerResponse> letIn(Logins.Made made, String next, String by) {
    Credential kept = made.kept();
    SecurityLog.LOGGER.info("{} signed in by {}, session {}", kept.name(), by, kept.id());
    return ServerResponse.status(HttpStatus.SEE_OTHER)
        .location(URI.create(next))
        .header(HttpHeaders.SET_COOKIE, cookie.keeping(made.token()))
        .build();
  }

  private Mono<ServerResponse> signOut(Call call) {
    Parameters.none(call);
    if (call.session() == null) {
      throw new AuditException(
          ProblemType.BAD_REQUEST, "there is no session; a key is revoked at /api/v1/keys");
    }
    SecurityLog.LOGGER.info(
        "{} signed out, session {}", call.principal().name(), call.principal().id());
    return logins
        .end(call.principal())
        .then(
            Mono.defer(
                () ->
                    ServerResponse.noContent()
                        .header(HttpHeaders.SET_COOKIE, cookie.forgetting())
                        .build()));
  }

  private Mono<ServerResponse> session(Call call) {
    Parameters.none(call);
    return Answers.bytes(ServerResponse.ok(), HTML, session);
  }

  private Mono<ServerResponse> page(HttpStatus status, String message, String next) {
    String html =
        login
            .replace("{{message}}", HtmlUtils.htmlEscape(message))
            .replace("{{next}}", HtmlUtils.htmlEscape(next));
    return Answers.bytes(
        ServerResponse.status(status), HTML, html.getBytes(StandardCharsets.UTF_8));
  }

  /** Where to go on: a page of this service, never another site. */
  private static String local(@Nullable String next) {
    if (next == null || !next.matches(HOME + "([/?#].*)?")) {
      return HOME;
    }
    try {
      URI uri = URI.create(next);
      boolean plain = uri.getRawAuthority() == null && uri.getScheme() == null;
      String path = String.valueOf(uri.getRawPath()).toLowerCase(Locale.ROOT);
      boolean direct = !path.contains("/.") && !path.contains("%2e") && !path.contains("//");
      return plain && direct && !path.startsWith(LOGIN) ? uri.toASCIIString() : HOME;
    } catch (IllegalArgumentException e) {
      return HOME;
    }
  }

  private static Map<String, String> fields(byte[] form) {
    Map<String, String> fields = new HashMap<>();
    for (String pair : new String(form, StandardCharsets.UTF_8).split("&", -1)) {
      int at = pair.indexOf('=');
      if (at > 0) {
        fields.put(decoded(pair.substring(0, at)), decoded(pair.substring(at + 1)));
      }
    }
    return fields;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new AuditException(ProblemType.BAD_REQUEST, "the form is not percent-encoded", e);
    }
  }
}
