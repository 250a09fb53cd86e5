package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.BlockingBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Loads of one table and period are one batch until it is complete. */
@Timeout(60)
class LoadBatchTest {
  private static final int STARTERS = 4;
  private static final String TABLE = "t";

  private final TestService service = new TestService();
  private final List<AuditClient> clients = Stream.generate(this::client).limit(STARTERS).toList();
  private final ExecutorService threads = Executors.newFixedThreadPool(STARTERS);

  private AuditClient client() {
    return AuditClient.builder()
        .url(service.url())
        .key(TestService.KEY)
        .namespace(service.namespace())
        .build();
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    clients.forEach(AuditClient::close);
  }

  private BlockingBatch open(int starter, String period, boolean again) {
    BatchSpec spec = BatchSpec.builder().table(TABLE).period(period).build();
    return new LoadBatch(clients.get(starter), TABLE, period).open(spec, again, null);
  }

  @Test
  void ofLoadsThatBeginAtOneMomentOneOpensTheBatch() throws Exception {
    for (int round = 0; round < 20; round++) {
      String period = "p" + round;
      List<Callable<BlockingBatch>> starts = new ArrayList<>();
      for (int i = 0; i < STARTERS; i++) {
        int starter = i;
        starts.add(() -> open(starter, period, false));
      }
      int begun = 0;
      for (Future<BlockingBatch> start : threads.invokeAll(starts)) {
        try {
          start.get().cancel("done");
          begun++;
        } catch (java.util.concurrent.ExecutionException e) {
          assertThat(e.getCause())
              .isInstanceOfSatisfying(
                  CommandException.class,
                  refused -> assertThat(refused.exitCode()).isEqualTo(ExitCode.USAGE));
        }
      }
      assertThat(begun).as(period).isEqualTo(1);
    }
    assertThat(service.batches()).hasSize(20);
  }

  @Test
  void whatIsLoadedAgainIsAnotherBatchEachTime() {
    UUID first = open(0, "p", false).id();
    service
        .client()
        .status(first, 1, BatchStatus.FAILED, null)
        .block(java.time.Duration.ofSeconds(20));
    BlockingBatch second = open(0, "p", true);
    second.cancel("done");
    BlockingBatch third = open(1, "p", true);

    assertThat(List.of(first, second.id(), third.id())).doesNotHaveDuplicates();
    third.cancel("done");
    assertThat(open(2, "p", false).id()).as("the newest goes on").isEqualTo(third.id());
  }
}
