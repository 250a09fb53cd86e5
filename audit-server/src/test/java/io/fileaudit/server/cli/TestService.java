package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.core.access.MemoryCredentialStore;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.store.BatchQuery;
import io.fileaudit.core.store.FileQuery;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.MemoryExpectations;
import io.fileaudit.server.RunningServer;
import io.fileaudit.server.ServerSettings;
import io.fileaudit.server.access.AdminKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/**
 * The real service over the in-memory store, started once for all tests; each of these is a
 * namespace of its own in it.
 */
final class TestService {
  static final String KEY = "ak_of-the-tests-of-the-command-line";

  private static final Duration MOST = Duration.ofSeconds(20);
  private static final MemoryAuditStore STORE = new MemoryAuditStore(InstantSource.system());
  private static final RunningServer SERVER = start();
  private static final AtomicInteger NAMESPACES = new AtomicInteger();

  private final String namespace = "test-" + NAMESPACES.incrementAndGet();

  private static RunningServer start() {
    try {
      Path keyFile = Files.createTempFile("admin", ".key");
      Files.writeString(keyFile, KEY);
      ServerSettings settings =
          ServerSettings.read(Map.of("AUDIT_PORT", "0", "AUDIT_MANAGEMENT_PORT", "0"));
      RunningServer server =
          RunningServer.start(
              settings,
              STORE,
              STORE.lineage(),
              STORE.feeds(),
              STORE.reports(),
              new MemoryExpectations(STORE, InstantSource.system()),
              STORE.webhooks(),
              STORE.evidence(),
              new MemoryCredentialStore(InstantSource.system()),
              AdminKey.fromFile(keyFile));
      Files.delete(keyFile);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String url() {
    return "http://127.0.0.1:" + SERVER.port();
  }

  String namespace() {
    return namespace;
  }

  AuditCalls client() {
    return AuditClient.builder().url(url()).key(KEY).namespace(namespace).calls();
  }

  /** Opens a batch under an id of the test's choice. */
  Snapshot open(String batch) {
    try (AuditCalls client = client()) {
      return client.open(UUID.fromString(batch), BatchSpec.builder().build()).block(MOST);
    }
  }

  MemoryAuditStore store() {
    return STORE;
  }

  List<BatchRecord> batches() {
    return STORE.list(BatchQuery.all(namespace, 1_000)).collectList().block(MOST);
  }

  /** The newest batch. */
  BatchRecord batch() {
    return batches().get(0);
  }

  BatchKey key() {
    return batch().key();
  }

  /** The files of the newest batch by name. */
  Map<String, Manifest> files() {
    return STORE.files(key(), FileQuery.all()).collectMap(Manifest::file).block(MOST);
  }

  /** Does something on a thread of its own as soon as that file of the newest batch is read. */
  Thread onceRunning(String file, Runnable action) {
    Mono<Boolean> running =
        STORE
            .list(BatchQuery.all(namespace, 1))
            .flatMap(batch -> STORE.files(batch.key(), FileQuery.all()))
            .any(found -> found.file().equals(file) && found.state() == FileState.RUNNING)
            .filter(Boolean::booleanValue)
            .repeatWhenEmpty(times -> times.delayElements(Duration.ofMillis(5)));
    Thread thread =
        new Thread(
            () -> {
              if (Boolean.TRUE.equals(running.block(MOST))) {
                action.run();
              }
            });
    thread.start();
    return thread;
  }
}
