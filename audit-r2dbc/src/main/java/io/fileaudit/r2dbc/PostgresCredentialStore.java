package io.fileaudit.r2dbc;

import io.fileaudit.core.access.Credential;
import io.fileaudit.core.access.CredentialRules;
import io.fileaudit.core.access.CredentialStore;
import io.fileaudit.core.access.NewCredential;
import io.fileaudit.core.access.Scope;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Keeps credentials in PostgreSQL. Thread-safe; signals come on the driver's threads. */
final class PostgresCredentialStore implements CredentialStore {
  private static final String COLUMNS =
      "id, kind, name, namespaces, scopes, made_from, created_at, created_by, expires_at, revoked_at, revoked_by";
  private static final String IS_VALID =
      "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())";

  private final Database database;

  PostgresCredentialStore(Database database) {
    this.database = database;
  }

  @Override
  public Mono<Credential> add(NewCredential wanted) {
    return database.transaction(
        connection ->
            wanted.kind() == Credential.Kind.KEY
                ? addKey(connection, wanted)
                : forget(connection).then(Mono.defer(() -> addSession(connection, wanted))));
  }

  private record Taken(long all, long named) {}

  private static Mono<Credential> addKey(PostgresqlConnection connection, NewCredential wanted) {
    return BatchRows.query(
            connection.createStatement("SELECT one FROM credential_lock FOR UPDATE"), row -> true)
        .then(
            Mono.defer(
                () ->
                    BatchRows.query(
                            connection
                                .createStatement(
                                    "SELECT count(*) AS everyone, count(*) FILTER (WHERE name = $1"
                                        + " AND (namespaces && $2::text[] OR '*' = ANY(namespaces || $2::text[]))) AS named"
                                        + " FROM credential WHERE kind = 'KEY' AND "
                                        + IS_VALID)
                                .bind("$1", wanted.name())
                                .bind("$2", wanted.namespaces().toArray(String[]::new)),
                            row ->
                                new Taken(
                                    BatchRows.value(row, "everyone", Long.class),
                                    BatchRows.value(row, "named", Long.class)))
                        .single()))
        .flatMap(
            taken -> {
              if (taken.named() > 0) {
                return Mono.error(CredentialRules.nameTaken(wanted.name()));
              }
              if (taken.all() >= MOST_KEYS) {
                return Mono.error(CredentialRules.tooMany());
              }
              return insert(connection, wanted);
            });
  }

  /** Bounded but for those that are added at the same moment, which a bound of this kind allows. */
  private static Mono<Credential> addSession(
      PostgresqlConnection connection, NewCredential wanted) {
    PostgresqlStatement statement =
        connection
            .createStatement(
                "SELECT count(*) AS sessions FROM credential WHERE kind <> 'KEY' AND "
                    + IS_VALID
                    + " AND (made_from = $1 OR ($1::text IS NULL AND made_from IS NULL AND name = $2))")
            .bind("$2", wanted.name());
    BatchRows.bind(statement, "$1", wanted.madeFrom(), String.class);
    return BatchRows.query(statement, row -> BatchRows.value(row, "sessions", Long.class))
        .single()
        .flatMap(
            sessions ->
                sessions >= MOST_SESSIONS
                    ? Mono.error(CredentialRules.tooManySessions())
                    : insert(connection, wanted));
  }

  private static Mono<Long> forget(PostgresqlConnection connection) {
    return BatchRows.update(
        connection.createStatement(
            "DELETE FROM credential WHERE kind <> 'KEY' AND expires_at < clock_timestamp() - interval '7 days'"));
  }

  private static Mono<Credential> insert(PostgresqlConnection connection, NewCredential wanted) {
    PostgresqlStatement statement =
        connection
            .createStatement(
                """
                INSERT INTO credential (id, kind, hash, name, namespaces, scopes, made_from, created_at, created_by, expires_at)
                SELECT $1, $2, $3, $4, $5, $6, $7, t.now, $8, least(t.now + make_interval(secs => $9::float8), $10::timestamptz)
                  FROM (SELECT clock_timestamp() AS now) t
                RETURNING
                """
                    + COLUMNS)
            .bind("$1", wanted.id())
            .bind("$2", wanted.kind().name())
            .bind("$3", wanted.hash())
            .bind("$4", wanted.name())
            .bind("$5", wanted.namespaces().stream().sorted().toArray(String[]::new))
            .bind("$6", wanted.scopes().stream().sorted().map(Enum::name).toArray(String[]::new))
            .bind("$8", wanted.createdBy());
    BatchRows.bind(statement, "$7", wanted.madeFrom(), String.class);
    BatchRows.bind(
        statement,
        "$9",
        wanted.life() == null ? null : wanted.life().toMillis() / 1000.0,
        Double.class);
    BatchRows.bind(statement, "$10", wanted.notAfter(), Instant.class);
    return BatchRows.query(statement, PostgresCredentialStore::credential).single();
  }

  private record Held(String hash, Credential credential) {}

  @Override
  public Mono<Map<String, Credential>> valid() {
    return database
        .read(
            connection ->
                BatchRows.query(
                    connection.createStatement(
                        "SELECT hash, "
                            + COLUMNS
                            + " FROM credential WHERE kind IN ('KEY', 'SESSION') AND "
                            + IS_VALID),
                    row -> new Held(BatchRows.text(row, "hash"), credential(row))))
        .collectMap(Held::hash, Held::credential);
  }

  @Override
  public Mono<Credential> take(String hash) {
    return database.transaction(
        connection ->
            BatchRows.query(
                    connection
                        .createStatement(
                            "UPDATE credential SET revoked_at = clock_timestamp(), revoked_by = name"
                                + " WHERE kind = 'LINK' AND hash = $1 AND "
                                + IS_VALID
                                + " RETURNING "
                                + COLUMNS)
                        .bind("$1", hash),
                    PostgresCredentialStore::credential)
                .singleOrEmpty());
  }

  @Override
  public Mono<Credential> revoke(UUID id, String by) {
    return database.transaction(
        connection ->
            BatchRows.update(
                    connection
                        .createStatement(
                            "UPDATE credential SET revoked_at = clock_timestamp(), revoked_by = $3"
                                + " WHERE (id = $1 OR made_from = $2) AND revoked_at IS NULL")
                        .bind("$1", id)
                        .bind("$2", id.toString())
                        .bind("$3", by))
                .then(Mono.defer(() -> find(connection, id).singleOrEmpty())));
  }

  private static Flux<Credential> find(PostgresqlConnection connection, UUID id) {
    return BatchRows.query(
        connection
            .createStatement("SELECT " + COLUMNS + " FROM credential WHERE id = $1")
            .bind("$1", id),
        PostgresCredentialStore::credential);
  }

  @Override
  public Flux<Credential> keys() {
    return database.read(
        connection ->
            BatchRows.query(
                connection.createStatement(
                    "SELECT "
                        + COLUMNS
                        + " FROM credential WHERE kind = 'KEY' ORDER BY created_at DESC, id DESC"),
                PostgresCredentialStore::credential));
  }

  @Override
  public Mono<Credential> key(UUID id) {
    return database
        .read(connection -> find(connection, id))
        .filter(held -> held.kind() == Credential.Kind.KEY)
        .singleOrEmpty();
  }

  private static Credential credential(Readable row) {
    return new Credential(
        BatchRows.value(row, "id", UUID.class),
        Credential.Kind.valueOf(BatchRows.text(row, "kind")),
        BatchRows.text(row, "name"),
        Set.of(BatchRows.value(row, "namespaces", String[].class)),
        Stream.of(BatchRows.value(row, "scopes", String[].class))
            .map(Scope::valueOf)
            .collect(Collectors.toUnmodifiableSet()),
        row.get("made_from", String.class),
        BatchRows.value(row, "created_at", Instant.class),
        BatchRows.text(row, "created_by"),
        row.get("expires_at", Instant.class),
        row.get("revoked_at", Instant.class),
        row.get("revoked_by", String.class));
  }
}
