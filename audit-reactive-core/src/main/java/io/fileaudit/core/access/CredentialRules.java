package io.fileaudit.core.access;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which keys may be made, and by whom. Pure functions. */
public final class CredentialRules {
  /** The name of the key of the first start, which no other may have. */
  public static final String ADMIN = "admin";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,62}");
  private static final Duration LONGEST = Duration.ofDays(3_660);
  private static final int MOST_NAMESPACES = 100;

  private CredentialRules() {}

  /**
   * The name of a key, checked: a stable word for verdicts and logs, which no JWT's name can be.
   *
   * @throws AuditException {@code invalid-request}
   */
  public static String name(@Nullable String name) {
    if (name == null || !NAME.matcher(name).matches() || name.equalsIgnoreCase(ADMIN)) {
      throw invalid(
          "name is "
              + shown(name)
              + ", expected letters, digits and . _ @ -, at most 63, and not \""
              + ADMIN
              + "\"");
    }
    return name;
  }

  /**
   * Scopes of a key, checked.
   *
   * @throws AuditException {@code invalid-request} where there is none, or an unknown one
   */
  public static Set<Scope> scopes(@Nullable List<String> words) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    for (String word : words == null ? List.<String>of() : words) {
      scopes.add(
          Scope.of(word)
              .orElseThrow(
                  () ->
                      invalid(
                          "scopes has "
                              + shown(word)
                              + ", expected some of ingest, read, operate, admin")));
    }
    if (scopes.isEmpty()) {
      throw invalid("scopes is empty, expected some of ingest, read, operate, admin");
    }
    return scopes;
  }

  /**
   * Namespaces of a key, checked; those that are missing mean {@code default}.
   *
   * @throws AuditException {@code invalid-request} where one cannot be a namespace, {@code
   *     forbidden} where {@code by} may not use it itself
   */
  public static Set<String> namespaces(@Nullable List<String> names, Principal by) {
    Set<String> namespaces =
        new TreeSet<>(
            names == null || names.isEmpty()
                ? List.of(by.onlyNamespace().orElse(Namespaces.DEFAULT))
                : names);
    for (String name : namespaces) {
      if (!name.equals(Principal.EVERY_NAMESPACE) && !Namespaces.isName(name)) {
        throw invalid(
            "namespaces has "
                + shown(name)
                + ", expected "
                + Namespaces.form()
                + " or "
                + Principal.EVERY_NAMESPACE);
      }
    }
    if (namespaces.size() > MOST_NAMESPACES) {
      throw invalid("namespaces has more than " + MOST_NAMESPACES);
    }
    if (!by.mayGrant(namespaces)) {
      throw new AuditException(
          ProblemType.FORBIDDEN,
          "the key may use only " + new TreeSet<>(by.namespaces()) + " and give away no others");
    }
    return namespaces;
  }

  /**
   * How long a key lives, checked; null for ever.
   *
   * @throws AuditException {@code invalid-request}
   */
  public static @Nullable Duration life(@Nullable Duration life) {
    if (life != null && (life.isNegative() || life.isZero() || life.compareTo(LONGEST) > 0)) {
      throw invalid(
          "expires_after is " + life + ", expected more than nothing and ten years at most");
    }
    return life;
  }

  /** Whether any namespace is in both, where one name for two keys would confuse. */
  static boolean meet(Set<String> some, Set<String> others) {
    return some.contains(Principal.EVERY_NAMESPACE)
        || others.contains(Principal.EVERY_NAMESPACE)
        || some.stream().anyMatch(others::contains);
  }

  /** Says that a valid key has that name. */
  public static AuditException nameTaken(String name) {
    return invalid("name is \"" + name + "\", which is that of another valid key");
  }

  /** Says that there are as many keys as there may be. */
  public static AuditException tooMany() {
    return invalid("there are " + CredentialStore.MOST_KEYS + " valid keys; revoke some");
  }

  /** Says that one key has opened as many sessions as it may. */
  public static AuditException tooManySessions() {
    return new AuditException(
        ProblemType.TOO_MANY_REQUESTS,
        CredentialStore.MOST_SESSIONS
            + " sessions and links of this key are valid; sign out of some, or wait until they end");
  }

  private static String shown(@Nullable String text) {
    if (text == null) {
      return "missing";
    }
    return '"' + (text.length() > 100 ? text.substring(0, 100) + "…" : text) + '"';
  }

  private static AuditException invalid(String detail) {
    return new AuditException(ProblemType.INVALID_REQUEST, detail);
  }
}
