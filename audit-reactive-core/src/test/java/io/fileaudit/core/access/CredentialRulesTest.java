package io.fileaudit.core.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keys may be made, and by whom. */
class CredentialRulesTest {
  private static final Principal OF_ALL =
      new Principal("1", "1", "boss", Set.of("*"), Set.of(Scope.ADMIN), null);
  private static final Principal OF_SALES =
      new Principal("2", "2", "lead", Set.of("sales"), Set.of(Scope.ADMIN), null);

  @ParameterizedTest
  @ValueSource(strings = {"a", "loader-1", "ops@example.org", "A_b.c"})
  void namesAreWords(String name) {
    assertThat(CredentialRules.name(name)).isEqualTo(name);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", "a b", "jwt:alice", "-x", "admin", "Admin", "x\n", "\u00fc"})
  void namesThatWouldConfuseAreRefused(String name) {
    AuditException refused =
        catchThrowableOfType(AuditException.class, () -> CredentialRules.name(name));

    assertThat(refused.type()).isEqualTo(ProblemType.INVALID_REQUEST);
    assertThat(refused.detail()).startsWith("name is");
  }

  @Test
  void scopesAreTheFourWords() {
    assertThat(CredentialRules.scopes(List.of("ingest", "read", "operate", "admin")))
        .containsExactly(Scope.values());
    for (List<String> bad : List.of(List.<String>of(), List.of("write"), List.of("READ"))) {
      assertThat(
              catchThrowableOfType(AuditException.class, () -> CredentialRules.scopes(bad))
                  .detail())
          .contains("ingest, read, operate, admin");
    }
  }

  @Test
  void nobodyGivesAwayWhatHeHasNot() {
    assertThat(CredentialRules.namespaces(List.of("sales"), OF_SALES)).containsExactly("sales");
    assertThat(CredentialRules.namespaces(List.of("*"), OF_ALL)).containsExactly("*");
    for (List<String> more : List.of(List.of("hr"), List.of("sales", "hr"), List.of("*"))) {
      AuditException refused =
          catchThrowableOfType(
              AuditException.class, () -> CredentialRules.namespaces(more, OF_SALES));
      assertThat(refused.type()).isEqualTo(ProblemType.FORBIDDEN);
      assertThat(refused.detail()).contains("sales").doesNotContain("hr");
    }
  }

  @Test
  void namespacesThatAreNotNamedAreTheDefaultOrOnesOwn() {
    assertThat(CredentialRules.namespaces(null, OF_ALL)).containsExactly("default");
    assertThat(CredentialRules.namespaces(List.of(), OF_SALES)).containsExactly("sales");
    assertThat(
            catchThrowableOfType(
                    AuditException.class,
                    () -> CredentialRules.namespaces(List.of("Sales"), OF_ALL))
                .detail())
        .contains("\"Sales\"");
  }

  @Test
  void keysLiveForSomeTime() {
    assertThat(CredentialRules.life(null)).isNull();
    assertThat(CredentialRules.life(Duration.ofDays(90))).isEqualTo(Duration.ofDays(90));
    for (Duration bad : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(4_000))) {
      assertThat(
              catchThrowableOfType(AuditException.class, () -> CredentialRules.life(bad)).detail())
          .contains("expires_after");
    }
  }

  @Test
  void tokensAreLongAndTellWhatTheyAre() {
    java.security.SecureRandom random = new java.security.SecureRandom();
    assertThat(Token.make(Token.KEY, random)).matches("ak_[A-Za-z0-9_-]{43}");
    assertThat(Token.make(Token.KEY, random)).isNotEqualTo(Token.make(Token.KEY, random));
    assertThat(Token.hash("abc")).isEqualTo("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  }
}
