package io.fileaudit.it.process;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Signals that Java does not send by itself. */
final class Signals {
  private Signals() {}

  /** Sends it to all of them; those that have ended meanwhile are passed over. */
  static void send(String name, List<ProcessHandle> processes)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("kill", "-" + name));
    processes.forEach(process -> line.add(Long.toString(process.pid())));
    int code = processes.isEmpty() ? 0 : new ProcessBuilder(line).start().waitFor();
    if (code != 0 && processes.stream().allMatch(ProcessHandle::isAlive)) {
      throw new IllegalStateException("SIG" + name + " could not be sent to " + processes);
    }
  }
}
