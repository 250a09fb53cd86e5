package io.fileaudit.server.hook;

import io.fileaudit.api.hook.NewWebhook;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.hook.HookSignature;
import io.fileaudit.core.store.HookEvent;
import io.fileaudit.core.store.WebhookStore.Wanted;
import io.fileaudit.server.http.Call;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which webhooks may be. */
final class WebhookRules {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final int MOST_TABLES = 100;
  private static final int LONGEST_TABLE = 200;

  private WebhookRules() {}

  static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** A name, checked. */
  static String name(String text) {
    if (!isName(text)) {
      throw invalid(
          "the name is \""
              + Call.shortened(text)
              + "\", expected letters, digits and . _ -, at most 63");
    }
    return text;
  }

  /** What was sent, checked, with defaults for what was not. */
  static Wanted wanted(NewWebhook sent, RandomGenerator random) {
    String url = sent.url();
    if (url == null) {
      throw invalid("url is missing");
    }
    address(url);
    String secret = sent.secret();
    if (secret != null && !HookSignature.isSecret(secret)) {
      throw invalid("secret is none: expected whsec_ and 24 to 64 bytes in Base64");
    }
    return new Wanted(
        url,
        secret,
        HookSignature.secret(random),
        tables(sent.tables()),
        events(sent.events()),
        sent.enabled() == null || sent.enabled());
  }

  /** An address, taken apart. */
  static HookAddress address(String url) {
    try {
      return HookAddress.read(url);
    } catch (IllegalArgumentException e) {
      throw invalid(String.valueOf(e.getMessage()));
    }
  }

  private static @Nullable List<String> tables(@Nullable List<String> tables) {
    if (tables == null) {
      return null;
    }
    if (tables.isEmpty() || tables.size() > MOST_TABLES) {
      throw invalid(
          "tables has "
              + tables.size()
              + " names, expected 1 to "
              + MOST_TABLES
              + ", or null for all");
    }
    for (String table : tables) {
      if (table == null
          || table.isEmpty()
          || table.indexOf('\0') >= 0
          || table.codePointCount(0, table.length()) > LONGEST_TABLE) {
        throw invalid("tables has a name that no table can have");
      }
    }
    return tables.stream().distinct().toList();
  }

  private static Set<HookEvent> events(@Nullable List<String> words) {
    if (words == null) {
      return HookEvent.NEED_A_PERSON;
    }
    Set<HookEvent> events = EnumSet.noneOf(HookEvent.class);
    for (String word : words) {
      events.add(
          HookEvent.of(String.valueOf(word))
              .orElseThrow(
                  () ->
                      invalid(
                          "events has \""
                              + Call.shortened(String.valueOf(word))
                              + "\", expected some of "
                              + all())));
    }
    if (events.isEmpty()) {
      throw invalid("events is empty, expected some of " + all());
    }
    return events;
  }

  private static String all() {
    return Stream.of(HookEvent.values())
        .filter(event -> event != HookEvent.TEST)
        .map(HookEvent::word)
        .collect(Collectors.joining(", "));
  }

  /** Says that an address may not be gone to. */
  static AuditException refused(HookGate.ClosedException error) {
    return invalid("url: " + error.getMessage());
  }

  private static AuditException invalid(String detail) {
    return new AuditException(ProblemType.INVALID_REQUEST, detail);
  }
}
