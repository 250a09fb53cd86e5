package io.fileaudit.it.browser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The browsers of one suite. Each of its tests has one that knows nothing; as forgetting is done
 * sooner than starting, that is one whose test is over where there is such a one, and else a new
 * one. Closing ends all of them. Not thread-safe.
 */
final class Browsers implements AutoCloseable {
  private final Path folder;
  private final Deque<Chromium> free = new ArrayDeque<>();

  /**
   * Starts nothing yet.
   *
   * @param folder of the suite's own: what a browser keeps is put into a new one in it
   */
  Browsers(Path folder) {
    this.folder = folder;
  }

  /**
   * One that knows nothing, {@link Look#LIGHT_WIDE}; closing it gives it back.
   *
   * @param origin of the service, as in {@code http://127.0.0.1:8080}
   */
  Browser open(String origin) throws IOException, InterruptedException {
    Chromium chromium =
        free.isEmpty() ? Chromium.start(Files.createTempDirectory(folder, "browser")) : free.pop();
    return new Browser(this, chromium, origin);
  }

  /** Takes one whose test is over, and ends it where it cannot be made to forget. */
  void giveBack(Chromium chromium, String origin) {
    if (chromium.forget(origin)) {
      free.push(chromium);
    } else {
      chromium.close();
    }
  }

  @Override
  public void close() {
    while (!free.isEmpty()) {
      free.pop().close();
    }
  }
}
