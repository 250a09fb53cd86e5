package io.fileaudit.it.architecture.offence;

import java.time.Instant;
import java.util.function.Function;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One class for each thing that main code must not do. */
public final class Offences {
  private Offences() {}

  /** Knows Kafka's own client. */
  public abstract static class UsesKafka {
    abstract void use(org.apache.kafka.common.TopicPartition partition);
  }

  /** Knows the client that makes streams of Kafka's. */
  public abstract static class UsesReactorKafka {
    abstract void use(reactor.kafka.receiver.KafkaReceiver<byte[], byte[]> receiver);
  }

  /** Knows the database's driver. */
  public abstract static class UsesR2dbc {
    abstract void use(io.r2dbc.spi.Connection connection);
  }

  /** Knows JDBC. */
  public abstract static class UsesJdbc {
    abstract void use(java.sql.Connection connection);
  }

  /** Knows a pool of JDBC connections. */
  public abstract static class TakesDataSource {
    abstract void use(javax.sql.DataSource source);
  }

  /** Waits for one value. */
  public static final class WaitsForMono {
    Object value(Mono<Object> mono) {
      return mono.blockOptional();
    }
  }

  /** Waits for one value where no call is seen. */
  public static final class WaitsByReference {
    final Function<Mono<Object>, ?> value = Mono::block;
  }

  /** Waits for each of many values. */
  public static final class WaitsForFlux {
    Iterable<Object> values(Flux<Object> flux) {
      return flux.toIterable();
    }
  }

  /** Holds its thread for a while. */
  public static final class Sleeps {
    void sleep() throws InterruptedException {
      Thread.sleep(1);
    }
  }

  /** Takes the time from the machine. */
  public static final class ReadsTheClock {
    Instant time() {
      return Instant.now();
    }
  }

  /** Takes the time from the machine where no call is seen. */
  public static final class ReadsTheClockByReference {
    final Supplier<Instant> time = Instant::now;
  }

  /** Writes to the console. */
  public static final class Prints {
    void print() {
      System.err.println("text");
    }
  }

  /** Writes an error to the console. */
  public static final class PrintsTrace {
    void print(Exception error) {
      error.printStackTrace();
    }
  }
}
