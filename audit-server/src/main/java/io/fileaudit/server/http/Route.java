package io.fileaudit.server.http;

import io.fileaudit.server.access.Scope;
import java.util.Set;
import org.springframework.http.HttpMethod;

/**
 * One call of the interface.
 *
 * @param method how it is called; GET answers HEAD as well
 * @param pattern where, as in {@code /api/v1/batches/{id}}
 * @param scopes one of these is needed
 * @param handler what carries it out
 */
public record Route(HttpMethod method, String pattern, Set<Scope> scopes, CallHandler handler) {
  /** Something to look at. */
  public static Route read(String pattern, CallHandler handler) {
    return new Route(HttpMethod.GET, pattern, Set.of(Scope.READ, Scope.OPERATE), handler);
  }

  /** Something that loaders do. */
  public static Route load(HttpMethod method, String pattern, CallHandler handler) {
    return new Route(method, pattern, Set.of(Scope.INGEST), handler);
  }

  /** Something that loaders and those who look after them do. */
  public static Route steer(HttpMethod method, String pattern, CallHandler handler) {
    return new Route(method, pattern, Set.of(Scope.INGEST, Scope.OPERATE), handler);
  }
}
