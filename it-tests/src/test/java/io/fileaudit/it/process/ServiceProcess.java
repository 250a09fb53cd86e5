package io.fileaudit.it.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A service that runs in a process of its own. */
public final class ServiceProcess {
  private static final int START_SECONDS = 120;
  private static final Pattern SERVES = Pattern.compile("serving on (http://[0-9.]+:[0-9]+)/");

  private final Process process;
  private final StringBuffer said = new StringBuffer();
  private final CompletableFuture<String> url = new CompletableFuture<>();

  private ServiceProcess(Process process) {
    this.process = process;
  }

  /** Waits until the service says where it serves. */
  static ServiceProcess await(Process process) throws InterruptedException {
    ServiceProcess service = new ServiceProcess(process);
    Thread reader = new Thread(service::read, "output of service " + process.pid());
    reader.setDaemon(true);
    reader.start();
    try {
      service.url.get(START_SECONDS, TimeUnit.SECONDS);
      return service;
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the service did not start; it said:\n" + service.said, e);
    }
  }

  /** Reads to the end, or the service would wait for its output to be read. */
  private void read() {
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        said.append(line).append('\n');
        Matcher match = SERVES.matcher(line);
        if (match.find()) {
          url.complete(match.group(1));
        }
      }
      url.completeExceptionally(new IOException("its output ended"));
    } catch (IOException e) {
      url.completeExceptionally(e);
    }
  }

  /** Where it serves, as in {@code http://127.0.0.1:8080}. */
  public String url() {
    return url.join();
  }

  public long pid() {
    return process.pid();
  }

  /** The processor time that it has used so far, in seconds. */
  public double cpuSeconds() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  /** Its heap. */
  public Heap heap() {
    return new Heap(pid());
  }

  /** Never true again once {@link #kill()} has returned; the process itself learns it later. */
  public boolean isAlive() {
    return process.toHandle().isAlive();
  }

  /** What it has printed so far, for messages of tests. */
  public String said() {
    return said.toString();
  }

  /** As kill -9 does: nothing of its shutdown runs. Returns when it is gone. */
  public void kill() {
    Ends.of(process.toHandle());
  }

  /** Stops it where it stands, with its connections open. */
  public void freeze() throws IOException, InterruptedException {
    Signals.send("STOP", List.of(process.toHandle()));
  }

  /** Lets a frozen one go on. */
  public void thaw() throws IOException, InterruptedException {
    Signals.send("CONT", List.of(process.toHandle()));
  }

  /** Sends SIGKILL and does not wait. */
  public void killAtOnce() {
    process.destroyForcibly();
  }

  /** As Ctrl-C does; whether it is gone within that time. */
  boolean endsInOrder(Duration limit) {
    process.destroy();
    return Ends.holdsSoon(process.toHandle(), () -> !process.isAlive(), limit);
  }

  /** As Ctrl-C does; does not wait. */
  public void askToEnd() {
    process.destroy();
  }

  /** As Ctrl-C does; returns when it is gone. */
  public void terminate() {
    process.destroy();
    Ends.await(process.toHandle(), () -> !process.isAlive());
  }
}
