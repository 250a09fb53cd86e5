package io.fileaudit.server.key;

import io.fileaudit.api.access.ApiKey;
import io.fileaudit.api.access.Identity;
import io.fileaudit.api.access.NewKey;
import io.fileaudit.api.access.PageLink;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.Credential;
import io.fileaudit.core.access.Principal;
import io.fileaudit.core.access.Scope;
import io.fileaudit.core.json.SentJson;
import io.fileaudit.server.access.Keys;
import io.fileaudit.server.access.Logins;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Body;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Makes, shows and revokes keys, makes links that open the page, and says who is calling. */
public final class KeyCalls {
  private static final int MOST_BYTES = 64 * 1024;

  private final Keys keys;
  private final Logins logins;

  /** Calls about those keys. */
  public KeyCalls(Keys keys, Logins logins) {
    this.keys = keys;
    this.logins = logins;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        Route.manage(HttpMethod.POST, "/api/v1/keys", this::add),
        Route.manage(HttpMethod.GET, "/api/v1/keys", this::list),
        Route.manage(HttpMethod.DELETE, "/api/v1/keys/{id}", this::revoke),
        Route.any(HttpMethod.POST, "/api/v1/links", this::link),
        Route.any(HttpMethod.GET, "/api/v1/session", this::session));
  }

  private Mono<ServerResponse> add(Call call) {
    Parameters.none(call);
    Media.wanted(call, Media.JSON);
    return Body.json(call, MOST_BYTES)
        .map(json -> SentJson.read(json, NewKey.class))
        .flatMap(wanted -> keys.add(wanted, call.principal()))
        .flatMap(
            made ->
                Answers.json(
                    ServerResponse.status(HttpStatus.CREATED), shown(made.kept(), made.token())));
  }

  private Mono<ServerResponse> list(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    return keys.of(call.principal())
        .map(kept -> shown(kept, null))
        .collectList()
        .flatMap(all -> Answers.json(new Answers.Items(all)));
  }

  private Mono<ServerResponse> revoke(Call call) {
    Parameters.none(call);
    Media.wanted(call, Media.JSON);
    String id = call.request().pathVariable("id");
    UUID uuid = Call.uuid(id).orElseThrow(() -> Keys.unknown(Call.shortened(id)));
    return keys.revoke(uuid, call.principal()).flatMap(kept -> Answers.json(shown(kept, null)));
  }

  private Mono<ServerResponse> link(Call call) {
    Parameters.none(call);
    Media.wanted(call, Media.JSON);
    if (call.session() != null || Logins.isJwt(call.principal())) {
      throw new AuditException(
          ProblemType.FORBIDDEN, "a link is made with a key, and with neither a session nor a JWT");
    }
    return logins
        .link(call.principal())
        .flatMap(
            made ->
                Answers.json(
                    ServerResponse.status(HttpStatus.CREATED),
                    new PageLink(
                        Logins.path(made), Objects.requireNonNull(made.kept().expiresAt()))));
  }

  private Mono<ServerResponse> session(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    Principal principal = call.principal();
    String session = call.session();
    return Answers.json(
        new Identity(
            principal.name(),
            words(principal.scopes()),
            principal.namespaces().stream().sorted().toList(),
            call.namespace(),
            principal.expiresAt(),
            session == null ? null : Logins.csrfToken(session)));
  }

  private static ApiKey shown(Credential kept, @Nullable String key) {
    return new ApiKey(
        kept.id(),
        kept.name(),
        words(kept.scopes()),
        kept.namespaces().stream().sorted().toList(),
        kept.createdAt(),
        kept.createdBy(),
        kept.expiresAt(),
        kept.revokedAt(),
        kept.revokedBy(),
        key);
  }

  private static List<String> words(Collection<Scope> scopes) {
    return scopes.stream().sorted().map(Scope::word).toList();
  }
}
