package io.fileaudit.api.client;

import io.fileaudit.api.event.Ack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;

/** Sends the lines that wait on the disk, a few thousand of them in memory at a time. */
final class DiskSending implements Transfer.Hearer {
  private static final int AT_A_TIME = 1_000;
  private static final int AHEAD = 4_000;

  private final BatchSpool place;
  private final long there;
  private final Scheduler disk;
  private final BiConsumer<List<Line>, Ack> answered;
  private final MonoSink<Void> sink;
  private final Window window = new Window(Integer.MAX_VALUE);
  private final Transfer transfer = new Transfer(window, this);
  private boolean finished;

  private DiskSending(
      BatchSpool place,
      long there,
      Scheduler disk,
      BiConsumer<List<Line>, Ack> answered,
      MonoSink<Void> sink) {
    this.place = place;
    this.there = there;
    this.disk = disk;
    this.answered = answered;
    this.sink = sink;
  }

  /**
   * Sends every line of that place once, but those that an earlier sending brought up to the
   * service; the place is used on the disk's thread alone. Lazy. Cancelling gives the request up.
   * Errors are those of {@link AuditCalls#send}, and {@link UncheckedIOException} where the disk
   * cannot be read.
   *
   * @param run the run that the lines belong to
   * @param there the highest of the lines' positions that the service has; -1 for none
   * @param answered hears of each acknowledgement, on a thread of the network
   */
  static Mono<Void> of(
      DeliverySettings settings,
      SpooledBatch batch,
      int run,
      long there,
      BatchSpool place,
      BiConsumer<List<Line>, Ack> answered) {
    return Mono.create(
        sink -> {
          DiskSending sending = new DiskSending(place, there, settings.disk(), answered, sink);
          sink.onDispose(sending.transfer::cancel);
          sending.onDisk(
              () -> {
                place.rewind();
                sending.fill();
                if (sending.finished && sending.window.isEmpty()) {
                  sink.success(); // An earlier client brought all of it up, and the ending perhaps.
                  return;
                }
                sending.transfer.begin(
                    settings.calls(),
                    batch.batch(),
                    run,
                    batch.producer(),
                    settings.control(),
                    settings.answerAfter());
              });
        });
  }

  private void fill() throws IOException {
    while (!finished && window.end() - window.first() < AHEAD) {
      List<Line> lines = place.read(AT_A_TIME);
      // They lie in the order of their positions, in which they were sent.
      List<Line> left = lines.stream().filter(line -> line.position() > there).toList();
      place.settled(lines.size() - left.size());
      for (Line line : left) {
        window.push(position -> line);
      }
      transfer.more();
      if (lines.isEmpty()) {
        finished = true;
        transfer.finish();
      }
    }
  }

  @Override
  public void answered(List<Line> lines, Ack ack) {
    answered.accept(lines, ack);
    onDisk(
        () -> {
          place.settled(lines.size());
          fill();
        });
  }

  @Override
  public void over(Transfer ended, @Nullable Throwable error) {
    // After what was answered is settled.
    onDisk(
        () -> {
          if (error == null) {
            sink.success();
          } else {
            sink.error(error);
          }
        });
  }

  private interface DiskTask {
    void run() throws IOException;
  }

  private void onDisk(DiskTask task) {
    disk.schedule(
        () -> {
          try {
            task.run();
          } catch (IOException e) {
            transfer.cancel();
            sink.error(new UncheckedIOException(e));
          } catch (RejectedExecutionException e) {
            // The client was closed meanwhile: the rest waits for the next one.
            transfer.cancel();
          }
        });
  }
}
