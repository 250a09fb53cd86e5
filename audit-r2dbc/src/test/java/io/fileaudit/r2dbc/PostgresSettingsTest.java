package io.fileaudit.r2dbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an address of a database says, and what is refused of it. */
class PostgresSettingsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://me:p%40ss%2B+w@db.example:5433/a%20b?sslmode=require",
        "jdbc:postgresql://db.example:5433/a%20b?user=me&password=p%40ss%2B+w&sslmode=require",
        "r2dbc:postgres://me:p%40ss%2B+w@db.example:5433/a%20b?sslmode=require"
      })
  void addressIsReadInEveryForm(String url) {
    PostgresSettings settings = PostgresSettings.parse(url);

    assertThat(settings.host()).isEqualTo("db.example");
    assertThat(settings.port()).isEqualTo(5433);
    assertThat(settings.database()).isEqualTo("a b");
    assertThat(settings.user()).isEqualTo("me");
    assertThat(settings.password()).isEqualTo("p@ss++w");
    assertThat(settings.sslMode()).isEqualTo("require");
    assertThat(settings.sslRootCert()).isNull();
    assertThat(settings.jdbcUrl())
        .isEqualTo("jdbc:postgresql://db.example:5433/a+b?sslmode=require");
    assertThat(settings.toString()).doesNotContain("p@ss");
  }

  @Test
  void portUserAndModeHaveDefaults() {
    PostgresSettings settings = PostgresSettings.parse("postgresql://h/d", "somebody");

    assertThat(settings.port()).isEqualTo(5432);
    assertThat(settings.user()).isEqualTo("somebody");
    assertThat(settings.password()).isEmpty();
    assertThat(settings.sslMode()).isEqualTo("prefer");
  }

  @ParameterizedTest
  @CsvSource({
    "postgresql://u:secret@h/d?ssl_mode=require, the parameter ssl_mode",
    "postgresql://u:secret@h/d?sslmode=verify_full, sslmode is verify_full",
    "postgresql://u:secret@h/d?sslmode, without a value",
    "postgresql://u:secret@h/d?sslmode=require&sslmode=disable, twice",
    "postgresql://u:secret@h/d?sslmode=require&sslrootcert=/ca.pem, goes with",
    "postgresql://u:secret@h/d?sslrootcert=/ca.pem, goes with",
    "postgresql://u:secret@h/d?sslmode=verify-ca&sslrootcert=/no/such.pem, cannot be read",
    "postgresql://u:secret@h, a host and a database",
    "postgresql://h/d, needs a user",
    "mysql://u:secret@h/d, begins with postgresql://",
    "h:5432/d, begins with postgresql://"
  })
  void whatIsWrongIsNamedAndNeverThePassword(String url, String expected) {
    assertThatThrownBy(() -> PostgresSettings.parse(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(expected)
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"verify-ca", "verify-full"})
  void bothDriversTrustTheSame(String mode) throws IOException {
    Path authority = Files.writeString(folder.resolve("the ca.pem"), "");
    String url = "postgresql://u@h/d?sslmode=" + mode;

    PostgresSettings named =
        PostgresSettings.parse(url + "&sslrootcert=" + authority.toUri().getRawPath());
    PostgresSettings usual = PostgresSettings.parse(url);

    assertThat(named.sslRootCert()).isEqualTo(authority);
    assertThat(named.jdbcUrl())
        .endsWith("&sslrootcert=" + folder.toUri().getRawPath().replace("/", "%2F") + "the+ca.pem");
    assertThat(usual.jdbcUrl())
        .endsWith("?sslmode=" + mode + "&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory");
  }
}
