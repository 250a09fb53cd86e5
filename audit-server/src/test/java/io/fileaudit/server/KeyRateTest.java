package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** One key cannot take the whole node. */
class KeyRateTest {
  @Test
  void ratePerKeyIsBounded() {
    try (Node slow = Node.start("AUDIT_KEY_RATE", "5")) {
      Answer last = slow.get("/api/v1/batches");
      for (int i = 0; i < 30 && last.status() == 200; i++) {
        last = slow.get("/api/v1/batches");
      }
      last.isProblem(429, "too-many-requests");
      assertThat(last.header("Retry-After")).isNotEmpty();
      assertThat(last.at("/detail")).contains("AUDIT_KEY_RATE");
    }
  }

  @Test
  void sessionsOfAKeyCountForTheKey() {
    try (Node slow = Node.start("AUDIT_KEY_RATE", "20")) {
      String[] cookies = new String[3];
      for (int i = 0; i < cookies.length; i++) {
        cookies[i] =
            slow.sendWithout(
                    "POST",
                    "/ui/login",
                    "key=" + Node.KEY,
                    "Content-Type",
                    "application/x-www-form-urlencoded")
                .is(303)
                .header("Set-Cookie")
                .split(";", 2)[0];
      }
      int taken = 0;
      long begin = System.nanoTime();
      int most = 0;
      for (int i = 0; i < 300; i++) {
        int status =
            slow.sendWithout("GET", "/api/v1/session", "", "Cookie", cookies[i % 3]).status();
        taken += status == 200 ? 1 : 0;
        // A second's worth at once, and then the rate.
        most = 21 + (int) ((System.nanoTime() - begin) / 50_000_000L);
      }
      assertThat(taken).isLessThanOrEqualTo(most).isLessThan(300);
    }
  }

  @Test
  void openRequestsOfAKeyAreBounded() throws Exception {
    try (Node small = Node.start("AUDIT_KEY_CONCURRENCY", "2")) {
      String batch = small.opened("");
      try (StreamingCall one = small.streaming(batch, "Accept", Node.NDJSON)) {
        one.send("{\"type\":\"STARTED\",\"file\":\"a\"}\n");
        // Once that is answered, the call that opened the batch counts no more.
        assertThat(one.line()).contains("\"accepted\":1");
        try (StreamingCall two = small.streaming(batch, "Accept", Node.NDJSON)) {
          two.send("{\"type\":\"STARTED\",\"file\":\"b\"}\n");
          assertThat(two.line()).contains("\"accepted\":1");

          Answer refused = small.get(batch).isProblem(429, "too-many-requests");

          assertThat(refused.at("/detail")).contains("AUDIT_KEY_CONCURRENCY");
          one.end();
          assertThat(one.line()).isEmpty();
        }
      }
      Answer next = small.get(batch);
      for (long end = System.nanoTime() + 20_000_000_000L;
          next.status() == 429 && System.nanoTime() < end;
          next = small.get(batch)) {
        // The connections of the streams are closing.
      }
      next.is(200);
    }
  }
}
