package io.fileaudit.it.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A file system of its own in a file, ext4 on a loop device, so that its disk can be filled without
 * harm to the machine's. Needs root and the right to mount. Closing takes it down; so does the end
 * of this JVM.
 */
public final class SmallDisk implements AutoCloseable {
  private static final int SECONDS = 60;

  private final Path at;
  private final Thread atExit = new Thread(this::unmount, "unmounting");

  private SmallDisk(Path at) {
    this.at = at;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Makes one.
   *
   * @param image the file that holds it; takes the room that is used of it
   * @param at the empty folder where it is to be seen
   * @throws IllegalStateException where it cannot be made; says why
   */
  public static SmallDisk mount(Path image, Path at, int megabytes)
      throws IOException, InterruptedException {
    Files.createDirectories(at);
    run("truncate", "-s", megabytes + "M", image.toString());
    // Nothing is kept back for root, as whom the database may run.
    run("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
    run("mount", "-o", "loop", image.toString(), at.toString());
    return new SmallDisk(at);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(command));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException(String.join(" ", line) + " failed: " + said);
    }
  }

  private Path filler() {
    return at.resolve("filler");
  }

  /** Leaves no room, however often what is there is written again. */
  public void fill() throws IOException, InterruptedException {
    long room = Files.getFileStore(at).getUsableSpace();
    run("fallocate", "-l", Long.toString(Math.max(1, room - (1 << 20))), filler().toString());
    byte[] block = new byte[4096];
    try (OutputStream rest = Files.newOutputStream(at.resolve("filler-rest"))) {
      while (true) {
        rest.write(block);
      }
    } catch (IOException e) {
      // It is full.
    }
  }

  /** Gives the room back; does nothing where there is enough. */
  public void free() throws IOException {
    Files.deleteIfExists(filler());
    Files.deleteIfExists(at.resolve("filler-rest"));
  }

  private void unmount() {
    try {
      run("umount", "-l", at.toString());
    } catch (IOException | InterruptedException | IllegalStateException e) {
      System.err.println("could not be unmounted: " + e);
    }
  }

  @Override
  public void close() {
    unmount();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
