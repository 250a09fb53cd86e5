package io.fileaudit.it.browser;

import io.fileaudit.it.process.Ends;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A chromedriver that runs by itself, with the browsers that it starts. Closing ends all of them,
 * also where they do not answer any more; so does the end of this JVM.
 */
final class DriverProcess implements AutoCloseable {
  private static final int START_SECONDS = 60;
  private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");

  private final Process process;
  private final StringBuffer said = new StringBuffer();
  private final CompletableFuture<Integer> port = new CompletableFuture<>();
  private final List<ProcessHandle> browsers = new CopyOnWriteArrayList<>();
  private final Thread atExit = new Thread(this::endAll, "ending a browser");

  private DriverProcess(Process process) {
    this.process = process;
  }

  /** Starts one that, with its browsers, keeps what it leaves behind in that folder. */
  static DriverProcess start(Path program, Path folder) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(program.toString(), "--port=0").redirectErrorStream(true);
    builder
        .environment()
        .putAll(Map.of("HOME", "" + folder, "TMPDIR", "" + folder, "TZ", "UTC", "LANG", "C.UTF-8"));
    DriverProcess driver = new DriverProcess(builder.start());
    Runtime.getRuntime().addShutdownHook(driver.atExit);
    Thread reader = new Thread(driver::read, "output of chromedriver " + driver.process.pid());
    reader.setDaemon(true);
    reader.start();
    try {
      driver.port.get(START_SECONDS, TimeUnit.SECONDS);
      return driver;
    } catch (ExecutionException | TimeoutException e) {
      driver.close();
      throw new IllegalStateException("chromedriver did not start; it said:\n" + driver.said, e);
    }
  }

  /** Reads to the end, or the program would wait for its output to be read. */
  private void read() {
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        said.append(line).append('\n');
        Matcher match = STARTED.matcher(line);
        if (match.find()) {
          port.complete(Integer.valueOf(match.group(1)));
        }
      }
      port.completeExceptionally(new IOException("its output ended"));
    } catch (IOException e) {
      port.completeExceptionally(e);
    }
  }

  /** Where it takes commands. */
  URI url() {
    return URI.create("http://127.0.0.1:" + port.join());
  }

  /** What it has printed so far, for messages of tests. */
  String said() {
    return said.toString();
  }

  /** Finds its browsers from now on even where it has ended before them. */
  void keepBrowsers() {
    browsers.addAll(process.children().toList());
  }

  /** Itself, which is the first, and the processes of its browsers. */
  List<ProcessHandle> processes() {
    Stream<ProcessHandle> now = Stream.concat(Stream.of(process.toHandle()), process.descendants());
    Stream<ProcessHandle> kept =
        browsers.stream()
            .flatMap(browser -> Stream.concat(Stream.of(browser), browser.descendants()));
    return Stream.concat(now, kept).distinct().toList();
  }

  private void endAll() {
    List<ProcessHandle> processes = processes();
    processes.forEach(ProcessHandle::destroyForcibly);
    Ends.await(process.toHandle(), () -> processes.stream().allMatch(DriverProcess::isGone));
  }

  /**
   * An ended process whose parent has gone, too, may be listed for as long as nobody collects it.
   */
  static boolean isGone(ProcessHandle process) {
    return !process.isAlive() || process.info().command().isEmpty();
  }

  @Override
  public void close() {
    endAll();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
