package io.fileaudit.r2dbc.test;

/**
 * A database of one test's own. Closing drops it, with the connections that are still open.
 *
 * <p>The roles are those of the service's own database: the owner runs migrations, the service role
 * may connect and do what migrations grant it. Both need their passwords; the administrator, who
 * may do everything (ending other connections, say), needs none.
 */
public final class TestDatabase implements AutoCloseable {
  private final TestPostgres server;
  private final String name;

  TestDatabase(TestPostgres server, String name) {
    this.server = server;
    this.name = name;
  }

  public String host() {
    return TestPostgres.HOST;
  }

  public int port() {
    return server.port();
  }

  public String name() {
    return name;
  }

  public String jdbcUrl() {
    return "jdbc:postgresql://" + host() + ":" + port() + "/" + name;
  }

  public String ownerUser() {
    return TestPostgres.OWNER;
  }

  public String ownerPassword() {
    return TestPostgres.OWNER_PASSWORD;
  }

  public String serviceUser() {
    return TestPostgres.SERVICE;
  }

  public String servicePassword() {
    return TestPostgres.SERVICE_PASSWORD;
  }

  public String adminUser() {
    return TestPostgres.ADMIN;
  }

  @Override
  public void close() {
    server.drop(name);
  }

  /** The database and its server's version, as it should stand in a test's name. */
  @Override
  public String toString() {
    return name + " on " + server;
  }
}
