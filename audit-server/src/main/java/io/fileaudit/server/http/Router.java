package io.fileaudit.server.http;

import static org.springframework.web.reactive.function.server.RequestPredicates.all;
import static org.springframework.web.reactive.function.server.RequestPredicates.path;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.Principal;
import io.fileaudit.core.access.Scope;
import io.fileaudit.server.access.RefusalLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Leads requests to their routes, and says so where there is none: unknown path, wrong method,
 * missing scope.
 */
public final class Router {
  /** The exchange attribute that holds the pattern of the route that was taken. */
  public static final String PATTERN = Router.class.getName() + ".pattern";

  private Router() {}

  /** A router over those routes, which notes whose scopes do not suffice. */
  public static RouterFunction<ServerResponse> of(List<Route> routes, RefusalLog refusals) {
    Map<String, Map<HttpMethod, Route>> byPattern = new LinkedHashMap<>();
    for (Route route : routes) {
      byPattern
          .computeIfAbsent(route.pattern(), pattern -> new LinkedHashMap<>())
          .put(route.method(), route);
    }
    RouterFunction<ServerResponse> router = null;
    for (Map.Entry<String, Map<HttpMethod, Route>> entry : byPattern.entrySet()) {
      Map<HttpMethod, Route> byMethod = Map.copyOf(entry.getValue());
      RouterFunction<ServerResponse> next =
          RouterFunctions.route(
              path(entry.getKey()), request -> dispatch(request, byMethod, refusals));
      router = router == null ? next : router.and(next);
    }
    RouterFunction<ServerResponse> nothing = RouterFunctions.route(all(), request -> unknownPath());
    return router == null ? nothing : router.and(nothing);
  }

  private static Mono<ServerResponse> dispatch(
      ServerRequest request, Map<HttpMethod, Route> byMethod, RefusalLog refusals) {
    HttpMethod method = request.method() == HttpMethod.HEAD ? HttpMethod.GET : request.method();
    Route route = byMethod.get(method);
    if (route == null) {
      return wrongMethod(request, byMethod.keySet());
    }
    request.attributes().put(PATTERN, route.pattern());
    Principal principal = AccessFilter.principal(request);
    if (!route.isOpen() && !principal.hasAny(route.scopes())) {
      return Mono.error(missingScope(route, principal, refusals));
    }
    return Mono.defer(
        () ->
            route.handler().handle(new Call(request, principal, AccessFilter.namespace(request))));
  }

  private static AuditException missingScope(
      Route route, Principal principal, RefusalLog refusals) {
    List<String> needed = route.scopes().stream().sorted().map(Scope::word).toList();
    refusals.note(
        "scope",
        route.method()
            + " "
            + route.pattern()
            + " to "
            + principal.name()
            + ": it has none of the scopes "
            + needed);
    return new AuditException(ProblemType.FORBIDDEN, "the key has none of the scopes " + needed);
  }

  private static Mono<ServerResponse> wrongMethod(ServerRequest request, Set<HttpMethod> methods) {
    List<String> allowed = new ArrayList<>();
    methods.forEach(method -> allowed.add(method.name()));
    if (methods.contains(HttpMethod.GET)) {
      allowed.add(HttpMethod.HEAD.name());
    }
    String allow = String.join(", ", new TreeSet<>(allowed));
    request.exchange().getResponse().getHeaders().set("Allow", allow);
    return Mono.error(
        new AuditException(
            ProblemType.METHOD_NOT_ALLOWED,
            Call.shortened(request.method().name()) + " is not allowed here; allowed: " + allow));
  }

  private static Mono<ServerResponse> unknownPath() {
    return Mono.error(new AuditException(ProblemType.NOT_FOUND, "there is nothing at this path"));
  }
}
