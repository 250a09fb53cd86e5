package io.fileaudit.core.access;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom a request comes from.
 *
 * @param id the id of its key or session, or the name where there is neither
 * @param account what its limits are counted by: the key that a session was made from, else itself
 * @param name as it stands in verdicts and logs
 * @param namespaces those it may use; {@value #EVERY_NAMESPACE} stands for every one
 * @param scopes what it may do
 * @param expiresAt when it ends by itself, by the clock of who issued it; null for never
 */
public record Principal(
    String id,
    String account,
    String name,
    Set<String> namespaces,
    Set<Scope> scopes,
    @Nullable Instant expiresAt) {
  /** Stands for every namespace. */
  public static final String EVERY_NAMESPACE = "*";

  /** Who asks for what is open to everybody. */
  public static final Principal NOBODY =
      new Principal("nobody", "nobody", "nobody", Set.of(), Set.of(), null);

  public Principal {
    namespaces = Set.copyOf(namespaces);
    scopes = Set.copyOf(scopes);
  }

  /** Whether it may use that namespace. */
  public boolean mayUse(String namespace) {
    return namespaces.contains(EVERY_NAMESPACE) || namespaces.contains(namespace);
  }

  /** Whether it has one of those scopes, or all there are. */
  public boolean hasAny(Set<Scope> wanted) {
    return scopes.contains(Scope.ADMIN) || wanted.stream().anyMatch(scopes::contains);
  }

  /** Whether it may give away the use of all those namespaces: a key never grows by a key. */
  public boolean mayGrant(Set<String> wanted) {
    return namespaces.contains(EVERY_NAMESPACE) || namespaces.containsAll(wanted);
  }

  /**
   * The namespace that is meant when a request names none: the only one, where there is only one.
   */
  public Optional<String> onlyNamespace() {
    return namespaces.size() == 1 && !namespaces.contains(EVERY_NAMESPACE)
        ? namespaces.stream().findFirst()
        : Optional.empty();
  }
}
