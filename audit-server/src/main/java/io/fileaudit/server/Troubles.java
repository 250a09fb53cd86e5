package io.fileaudit.server;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what goes wrong again and again: as an error what nobody may miss, each time that it becomes
 * another; the rest at debug level, since it passes.
 */
final class Troubles implements Consumer<Throwable> {
  private static final Logger log = LoggerFactory.getLogger(Troubles.class);

  private final String what;
  private final Predicate<Throwable> isGrave;
  private final AtomicReference<@Nullable String> told = new AtomicReference<>();

  Troubles(String what, Predicate<Throwable> isGrave) {
    this.what = what;
    this.isGrave = isGrave;
  }

  @Override
  public void accept(Throwable error) {
    if (!isGrave.test(error)) {
      log.debug("{}", what, error);
    } else if (!String.valueOf(error.getMessage()).equals(told.getAndSet(error.getMessage()))) {
      log.error("{}: {}", what, error.getMessage());
    }
  }
}
