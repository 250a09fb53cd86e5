package io.fileaudit.server.cli;

/** Runs something when the process is asked to end (Ctrl-C, SIGTERM), until it is closed. */
final class OnInterrupt implements AutoCloseable {
  private final Thread hook;

  private OnInterrupt(Thread hook) {
    this.hook = hook;
  }

  static OnInterrupt run(Runnable action) {
    Thread hook = new Thread(action, "audit-interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
    return new OnInterrupt(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It runs already, and the process ends when it is done.
    }
  }
}
