package io.fileaudit.core.file;

import io.fileaudit.api.event.EventError;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import java.time.Instant;
import java.util.Map;
import java.util.Random;

/** Accounts made up from a seed, as events lead to them: few values, so that they meet. */
public final class Accounts {
  private static final Instant EPOCH = Instant.parse("2024-05-11T06:00:00.123456789Z");
  private static final String[] TEXTS = {
    "a", "\"quoted\\\"", "é☃𝄞", "line\nend", "\u001b[31m", "{\"x\":1}"
  };

  private Accounts() {}

  /** What a few events say together. */
  public static FileAccount random(Random random) {
    FileAccount account = FileAccount.UNKNOWN;
    for (int i = random.nextInt(7); i > 0; i--) {
      account = account.join(FileAccount.of(event(random), 1 + random.nextInt(3), time(random)));
    }
    return account;
  }

  private static FileEvent event(Random random) {
    EventType type = EventType.values()[random.nextInt(EventType.SKIPPED.ordinal() + 1)];
    return FileEvent.of(type, "f")
        .at(random.nextBoolean() ? time(random) : null)
        .attempt(random.nextBoolean() ? null : 1 + random.nextInt(2))
        .rows(figure(random))
        .bytes(figure(random))
        .rejectedRows(figure(random))
        .checksum(random.nextBoolean() ? null : "md5:" + random.nextInt(2))
        .error(
            random.nextInt(3) > 0
                ? null
                : new EventError(text(random), text(random), figure(random), null))
        .attributes(random.nextInt(3) > 0 ? Map.of() : Map.of(text(random), text(random)))
        .build();
  }

  private static Instant time(Random random) {
    return EPOCH.plusNanos(random.nextInt(3) * 1_000_000_001L);
  }

  private static Long figure(Random random) {
    return random.nextInt(3) == 0 ? null : Long.valueOf(random.nextInt(3));
  }

  private static String text(Random random) {
    return TEXTS[random.nextInt(TEXTS.length)];
  }
}
