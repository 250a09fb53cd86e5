package io.fileaudit.server;

import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.logging.LoggingInitializationContext;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.core.env.MapPropertySource;

/**
 * Gives the log its form before the first line is written. Spring does so when it starts, which is
 * after the database and the key were made.
 */
final class LogForm {
  private LogForm() {}

  /** Begins the log, as JSON or as text. Spring finds it begun and leaves it so. */
  static void begin(boolean json) {
    Map<String, Object> properties = new HashMap<>();
    String version = LogForm.class.getPackage().getImplementationVersion();
    if (version != null) {
      properties.put("spring.application.version", version);
    }
    properties.put("spring.application.pid", ProcessHandle.current().pid());
    properties.put("logging.structured.format.console", json ? "ecs" : "");
    OwnEnvironment environment = new OwnEnvironment();
    environment.getPropertySources().addFirst(new MapPropertySource("log", properties));
    LoggingSystem logging = LoggingSystem.get(LogForm.class.getClassLoader());
    logging.beforeInitialize();
    logging.initialize(new LoggingInitializationContext(environment), null, null);
  }
}
