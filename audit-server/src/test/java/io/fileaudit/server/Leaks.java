package io.fileaudit.server;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** Gathers what Netty says about buffers that nobody released. */
final class Leaks {
  private static final int BUFFERS = 64;
  private static final List<String> TOLD = new CopyOnWriteArrayList<>();

  private Leaks() {}

  /** Listens from now on; starting a node resets the log, so that it is called after each start. */
  static void listen() {
    Logger logger = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
    if (logger.getAppender("leaks") == null) {
      AppenderBase<ILoggingEvent> appender =
          new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
              if (event.getFormattedMessage().startsWith("LEAK:")) {
                TOLD.add(event.getFormattedMessage());
              }
            }
          };
      appender.setName("leaks");
      appender.setContext(logger.getLoggerContext());
      appender.start();
      logger.addAppender(appender);
    }
  }

  /** The leaks told since the last call, after making Netty look for them. */
  static List<String> found() {
    System.gc();
    // Leaks are told of when further buffers are taken.
    for (int i = 0; i < BUFFERS; i++) {
      ByteBufAllocator.DEFAULT.buffer().release();
    }
    List<String> found = List.copyOf(TOLD);
    TOLD.removeAll(found);
    return found;
  }
}
