package io.fileaudit.server.http;

import io.fileaudit.core.access.Scope;
import java.util.EnumSet;
import java.util.Set;
import org.springframework.http.HttpMethod;

/**
 * One call of the interface.
 *
 * @param method how it is called; GET answers HEAD as well
 * @param pattern where, as in {@code /api/v1/batches/{id}}
 * @param scopes one of these is needed; empty where it is open to everybody
 * @param handler what carries it out
 */
public record Route(HttpMethod method, String pattern, Set<Scope> scopes, CallHandler handler) {
  /** What is open to everybody, with a key or without one. */
  public static Route open(HttpMethod method, String pattern, CallHandler handler) {
    return new Route(method, pattern, Set.of(), handler);
  }

  /** Something that whoever has a key may do, whatever it allows. */
  public static Route any(HttpMethod method, String pattern, CallHandler handler) {
    return new Route(method, pattern, EnumSet.allOf(Scope.class), handler);
  }

  /** Something that only those do who look after the service. */
  public static Route manage(HttpMethod method, String pattern, CallHandler handler) {
    return new Route(method, pattern, Set.of(Scope.ADMIN), handler);
  }

  /** Something to look at. */
  public static Route read(String pattern, CallHandler handler) {
    return new Route(HttpMethod.GET, pattern, Set.of(Scope.READ, Scope.OPERATE), handler);
  }

  /** Something that loaders do. */
  public static Route load(HttpMethod method, String pattern, CallHandler handler) {
    return new Route(method, pattern, Set.of(Scope.INGEST), handler);
  }

  /** Whether it is open to everybody. */
  public boolean isOpen() {
    return scopes.isEmpty();
  }

  /** Something that loaders and those who look after them do. */
  public static Route steer(HttpMethod method, String pattern, CallHandler handler) {
    return new Route(method, pattern, Set.of(Scope.INGEST, Scope.OPERATE), handler);
  }
}
