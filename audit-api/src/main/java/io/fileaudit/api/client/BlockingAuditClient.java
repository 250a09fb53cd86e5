package io.fileaudit.api.client;

import io.fileaudit.api.batch.BatchSpec;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The client in imperative form: its methods wait on the calling thread, which must not be one that
 * serves others. Thread-safe. Closing it closes the {@link AuditClient} that it is made of.
 */
public final class BlockingAuditClient implements AutoCloseable {
  private final AuditClient client;

  BlockingAuditClient(AuditClient client) {
    this.client = client;
  }

  /**
   * Opens a batch, runs the body with it, and ends it: COMPLETED where the body returns, FAILED
   * with the exception's text where it throws, whatever it throws.
   *
   * <pre>{@code
   * client.run(spec -> spec.table("empresa").period("2025-02").expectedFiles(10), batch -> {
   *   batch.started(file);
   *   batch.completed(file, rows, bytes, sha256);
   * });
   * }</pre>
   *
   * @return what was delivered, and how the batch ended
   * @throws IncompleteException where the account holds something against COMPLETED
   * @throws io.fileaudit.api.problem.AuditException where the service refuses, by name
   * @throws UndeliveredException where events could not be delivered in time
   * @throws E what the body throws, after the batch has ended
   */
  public <E extends Exception> DeliveryReport run(
      Consumer<BatchSpec.Builder> spec, BatchBody<E> body) throws E {
    return run(open(spec), body);
  }

  /** As {@link #run(Consumer, BatchBody)} with a batch of that specification. */
  public <E extends Exception> DeliveryReport run(BatchSpec spec, BatchBody<E> body) throws E {
    return run(open(spec), body);
  }

  private static <E extends Exception> DeliveryReport run(BlockingBatch batch, BatchBody<E> body)
      throws E {
    try {
      body.load(batch);
    } catch (Throwable e) {
      failed(batch, e);
      throw e;
    }
    return batch.complete();
  }

  private static void failed(BlockingBatch batch, Throwable error) {
    try {
      DeliveryReport unused = batch.fail(error.toString());
    } catch (RuntimeException e) {
      if (e != error) {
        error.addSuppressed(e);
      }
    }
  }

  /** Opens a batch under a new id. Errors as {@link AuditClient#open(BatchSpec)}, thrown. */
  public BlockingBatch open(BatchSpec spec) {
    return new BlockingBatch(Waits.on(client.open(spec)));
  }

  /** As {@link #open(BatchSpec)}. */
  public BlockingBatch open(Consumer<BatchSpec.Builder> spec) {
    BatchSpec.Builder builder = BatchSpec.builder();
    spec.accept(builder);
    return open(builder.build());
  }

  /**
   * Opens a batch under an id of the caller's, finds it open, or resumes it where the specification
   * asks for that.
   */
  public BlockingBatch open(UUID id, BatchSpec spec) {
    return new BlockingBatch(Waits.on(client.open(id, spec)));
  }

  /** The reactive form of this client. */
  public AuditClient reactive() {
    return client;
  }

  /** As {@link AuditClient#close()}. */
  @Override
  public void close() {
    client.close();
  }
}
