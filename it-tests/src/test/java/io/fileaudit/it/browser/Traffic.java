package io.fileaudit.it.browser;

import io.fileaudit.api.json.AuditJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What a browser's tabs have asked for so far, whether they got it or not. */
final class Traffic {
  private static final Set<String> LOCAL = Set.of("data:", "blob:", "about:", "chrome:");

  private final List<String> urls = new ArrayList<>();

  /** Takes in a line of the performance log, a notification of the Chrome DevTools protocol. */
  void note(String line) {
    JsonNode message = AuditJson.lenient().readTree(line).path("message");
    JsonNode params = message.path("params");
    switch (message.path("method").asString("")) {
      case "Network.requestWillBeSent" -> urls.add(params.path("request").path("url").asString());
      case "Network.webSocketCreated" -> urls.add(params.path("url").asString());
      default -> {
        // Answers, bytes and the like.
      }
    }
  }

  /** The addresses, oldest first; those that the browser answers itself are left out. */
  List<String> urls() {
    return urls.stream().filter(url -> LOCAL.stream().noneMatch(url::startsWith)).toList();
  }

  /** Those that lie outside of that origin, as in {@code http://127.0.0.1:8080}. */
  List<String> outside(String origin) {
    return urls().stream()
        .filter(url -> !url.equals(origin) && !url.startsWith(origin + "/"))
        .toList();
  }
}
