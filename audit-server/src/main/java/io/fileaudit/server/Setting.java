package io.fileaudit.server;

import java.util.Locale;

/** Every setting of the service: its environment variable, its default and its meaning. */
public enum Setting {
  AUDIT_ADDRESS(
      "127.0.0.1", "address to listen on; another than loopback needs TLS or AUDIT_ALLOW_INSECURE"),
  AUDIT_PORT("8080", "port of the HTTP interface; 0 takes a free one"),
  AUDIT_MANAGEMENT_PORT("8081", "port of health and metrics; 0 takes a free one"),
  AUDIT_MANAGEMENT_ADDRESS(
      "127.0.0.1",
      "address of health and metrics, which need no key; under TLS where the interface is"),
  AUDIT_PUBLIC_URL(
      "",
      "address at which people reach the service, for links; empty takes the one it listens on"),
  AUDIT_TLS_CERT(
      "", "file with the certificate chain, PEM; with AUDIT_TLS_KEY the service speaks TLS"),
  AUDIT_TLS_KEY("", "file with the certificate's private key, PEM (PKCS#8)"),
  AUDIT_TLS_CLIENT_CA(
      "", "file with the certificates, PEM, that clients' own have to be signed by (mutual TLS)"),
  AUDIT_ALLOW_INSECURE(
      "false",
      "listen beyond loopback without TLS, where something in front of the service encrypts"),
  AUDIT_DATA(
      "~/.audit",
      "data directory: the embedded database, the admin key, the key that signs the log, the last checkpoint"),
  AUDIT_DB(
      "",
      "URL of a PostgreSQL 14 or later, postgresql://user:password@host:port/database; empty starts an embedded one"),
  AUDIT_DB_OWNER(
      "", "URL of the role that owns the schema and runs migrations; empty takes AUDIT_DB"),
  AUDIT_DB_POOL("10", "the most database connections of this node; one more listens for changes"),
  AUDIT_KAFKA(
      "", "Kafka brokers to begin with, host:port with commas between them; empty uses no Kafka"),
  AUDIT_KAFKA_PROPERTIES(
      "",
      "file with further settings of Kafka's clients, as its tools take it: TLS, SASL, timeouts"),
  AUDIT_KAFKA_GROUP("audit", "the consumer group that all nodes of one database make up"),
  AUDIT_KAFKA_EVENTS("audit.file-events.v1", "the topic that events come from"),
  AUDIT_KAFKA_DEAD_LETTERS(
      "audit.file-events.dlq.v1", "the topic for records that are not accepted"),
  AUDIT_KAFKA_STATUS(
      "audit.batch-status.v1",
      "the topic that changes of status go to, the same on all nodes; off sends none"),
  AUDIT_KAFKA_STALL(
      "PT1M", "how long no record may come while some wait, before the group is joined anew"),
  AUDIT_NODE("", "name of this node in verdicts; empty takes the host's name and a random part"),
  AUDIT_ADMIN_KEY_FILE("", "file with the admin key, instead of one made in the data directory"),
  AUDIT_SIGNING_KEY_FILE(
      "",
      "file with the key that signs the log, the same on all nodes of one database, instead of one made in the data directory"),
  AUDIT_KEY_RATE("10000", "the most requests a second of one key on this node"),
  AUDIT_KEY_CONCURRENCY(
      "10000", "the most requests and streams of one key that are open at a time on this node"),
  AUDIT_JWT_ISSUER("", "issuer of JWTs that are let in, their claim iss; empty lets in none"),
  AUDIT_JWT_AUDIENCE("", "what the claim aud of JWTs has to name"),
  AUDIT_JWT_KEYS("", "the issuer's public keys, a JWK set: an https address or a file"),
  AUDIT_JWT_ALGORITHM(
      "RS256", "the one signature algorithm that counts: RS, PS or ES with 256, 384 or 512"),
  AUDIT_JWT_SCOPES_CLAIM("scope", "the claim with the scopes: a list, or one string with spaces"),
  AUDIT_JWT_NAMESPACES_CLAIM(
      "namespaces",
      "the claim with the namespaces: a list, or one string with spaces; * is every one"),
  AUDIT_LOG("text", "form of the log: text or json (ECS)"),
  AUDIT_OTLP_ENDPOINT(
      "",
      "address of an OpenTelemetry collector, OTLP over HTTP, as in http://collector:4318; empty sends nothing"),
  AUDIT_OTLP_TRACES(
      "1",
      "share of the requests without a traceparent that are traced, 0 to 1; off sends no traces"),
  AUDIT_OTLP_METRICS("PT1M", "pause between two sendings of all meters; off sends none"),
  AUDIT_OPERATION_TIMEOUT(
      "PT1H", "limit: how long a run may take from its first event; ISO 8601 or off"),
  AUDIT_MAX_IDLE("PT30M", "limit: how long nothing may be heard of a batch; ISO 8601 or off"),
  AUDIT_START_TIMEOUT("PT30M", "limit: how long the first event may take; ISO 8601 or off"),
  AUDIT_MAX_NO_PROGRESS(
      "PT30M",
      "limit: how long no manifest may change before the batch is flagged stalled; ISO 8601 or off"),
  AUDIT_WATCHDOG_INTERVAL(
      "PT1S", "pause between two sweeps for batches whose time is up: how late a verdict may be"),
  AUDIT_RECONNECT_GRACE(
      "PT10S",
      "how long after the last sign of a node that fell silent its loaders have to find another"),
  AUDIT_RETENTION(
      "off", "how long ended batches are kept, ISO 8601 as in P365D; off keeps them for ever"),
  AUDIT_RETENTION_NAMESPACES("", "the same for single namespaces, as in sales=P30D,hr=off"),
  AUDIT_WEBHOOKS_ALLOW(
      "",
      "hosts, addresses and ranges beyond the public internet that webhooks may go to, as in pager.example.lan,10.1.0.0/16"),
  AUDIT_WRITE_CHUNK_SIZE("4000", "the most events of one commit"),
  AUDIT_WRITE_CONCURRENCY("3", "the most commits at a time; also read as ETL_INTERNAL_CONCURRENCY"),
  AUDIT_WRITE_PARALLEL(
      "true", "false makes it one commit at a time; also read as ETL_ENABLE_INTERNAL_PARALLELISM"),
  AUDIT_WRITE_RETRY("PT10S", "how long a commit is tried again while the database is away");

  private final String standard;
  private final String meaning;

  Setting(String standard, String meaning) {
    this.standard = standard;
    this.meaning = meaning;
  }

  /** What holds where nothing is set; empty means that there is none. */
  public String standard() {
    return standard;
  }

  /** What it is for. */
  public String meaning() {
    return meaning;
  }

  /**
   * The property of the same name: lower case, dots after the first word and between group and
   * name, dashes elsewhere.
   */
  public String property() {
    String name = name().toLowerCase(Locale.ROOT).replace('_', '-').replaceFirst("-", ".");
    return name.startsWith("audit.write-") ? name.replaceFirst("write-", "write.") : name;
  }

  /** Whether its value may hold a secret. */
  public boolean isSecret() {
    return this == AUDIT_DB || this == AUDIT_DB_OWNER;
  }
}
