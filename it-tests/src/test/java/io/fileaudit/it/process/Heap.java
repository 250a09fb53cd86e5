package io.fileaudit.it.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The heap of a service's Java machine, looked at with the JDK's own tool. */
public final class Heap {
  private static final Pattern USED = Pattern.compile("heap\\b[^\\n]*\\bused (\\d+)K");

  private final String pid;

  Heap(long pid) {
    this.pid = Long.toString(pid);
  }

  /** What lives in it, in bytes: what is used after everything that can go has gone. */
  public long livingBytes() throws IOException, InterruptedException {
    ask("GC.run");
    String answer = ask("GC.heap_info");
    Matcher used = USED.matcher(answer);
    if (!used.find()) {
      throw new IllegalStateException("no heap in: " + answer);
    }
    return Long.parseLong(used.group(1)) << 10;
  }

  private String ask(String question) throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process process = new ProcessBuilder(jcmd, pid, question).redirectErrorStream(true).start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException("jcmd " + pid + " " + question + ": " + answer);
    }
    return answer;
  }
}
