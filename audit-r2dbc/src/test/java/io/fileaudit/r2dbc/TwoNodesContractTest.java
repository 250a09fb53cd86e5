package io.fileaudit.r2dbc;

import io.fileaudit.core.store.AuditStore;
import io.fileaudit.r2dbc.test.MigratedDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;

/**
 * The contract where two nodes take turns: two calls go to the one, the next two to the other, so
 * that each meets batches that it wrote last itself and batches that the other has written since.
 */
class TwoNodesContractTest extends PostgresContract {
  private static final int CALLS_IN_A_ROW = 2;

  private final AtomicInteger calls = new AtomicInteger();
  private PostgresAuditStore other;

  @Override
  TestPostgres server() {
    return TestPostgres.embedded18();
  }

  @Override
  void open(MigratedDatabase database) {
    other = PostgresAuditStore.open(database.settings());
  }

  @AfterAll
  void closeOther() {
    other.close().block(Duration.ofSeconds(10));
  }

  @Override
  public AuditStore store() {
    AuditStore one = super.store();
    return (AuditStore)
        Proxy.newProxyInstance(
            AuditStore.class.getClassLoader(),
            new Class<?>[] {AuditStore.class},
            (proxy, method, arguments) -> {
              boolean first = calls.getAndIncrement() / CALLS_IN_A_ROW % 2 == 0;
              try {
                return method.invoke(first ? one : other, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
