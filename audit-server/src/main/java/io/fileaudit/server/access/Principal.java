package io.fileaudit.server.access;

import java.util.Optional;
import java.util.Set;

/**
 * Whom a request comes from.
 *
 * @param name as it stands in verdicts and logs
 * @param namespaces those it may use; empty means every one
 * @param scopes what it may do
 */
public record Principal(String name, Set<String> namespaces, Set<Scope> scopes) {
  public Principal {
    namespaces = Set.copyOf(namespaces);
    scopes = Set.copyOf(scopes);
  }

  /** Whether it may use that namespace. */
  public boolean mayUse(String namespace) {
    return namespaces.isEmpty() || namespaces.contains(namespace);
  }

  /** Whether it has one of those scopes, or all there are. */
  public boolean hasAny(Set<Scope> wanted) {
    return scopes.contains(Scope.ADMIN) || wanted.stream().anyMatch(scopes::contains);
  }

  /**
   * The namespace that is meant when a request names none: the only one, where there is only one.
   */
  public Optional<String> onlyNamespace() {
    return namespaces.size() == 1 ? namespaces.stream().findFirst() : Optional.empty();
  }
}
