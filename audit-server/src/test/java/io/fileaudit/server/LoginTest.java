package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How browsers are let in and out, and what other sites cannot make them do. */
class LoginTest {
  private static final String FORM = "application/x-www-form-urlencoded";
  private static Node node;

  @BeforeAll
  static void start() {
    node = Node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static Answer paste(String key, String next, String... headers) {
    String body =
        "key="
            + URLEncoder.encode(key, StandardCharsets.UTF_8)
            + "&next="
            + URLEncoder.encode(next, StandardCharsets.UTF_8);
    String[] all = new String[headers.length + 2];
    all[0] = "Content-Type";
    all[1] = FORM;
    System.arraycopy(headers, 0, all, 2, headers.length);
    return node.sendWithout("POST", "/ui/login", body, all);
  }

  private static String cookie(Answer answer) {
    return answer.header("Set-Cookie").split(";", 2)[0];
  }

  private static String session() {
    return cookie(paste(Node.KEY, "").is(303));
  }

  private static String csrf(String cookie) {
    return node.sendWithout("GET", "/api/v1/session", "", "Cookie", cookie)
        .is(200)
        .at("/csrf_token");
  }

  private static Answer open(String cookie, String... headers) {
    String[] all = new String[headers.length + 2];
    all[0] = "Cookie";
    all[1] = cookie;
    System.arraycopy(headers, 0, all, 2, headers.length);
    return node.sendWithout("PUT", Node.fresh(), "{}", all);
  }

  @Test
  void pastedKeyBecomesACookieOutOfReachOfScripts() {
    Answer in = paste(Node.KEY, "/ui/batches/1?state=failed").is(303);

    assertThat(in.header("Location")).isEqualTo("/ui/batches/1?state=failed");
    assertThat(in.header("Set-Cookie"))
        .startsWith("audit-session=as_")
        .contains("HttpOnly", "SameSite=Lax", "Path=/")
        .doesNotContain(Node.KEY)
        .doesNotContain("Expires", "Domain");
    assertThat(in.header("Cache-Control")).isEqualTo("no-store");
    node.sendWithout("GET", "/ui/session", "", "Cookie", cookie(in)).is(200);
    assertThat(node.sendWithout("GET", "/api/v1/session", "", "Cookie", cookie(in)).at("/name"))
        .isEqualTo("admin");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ak_wrong", "<script>alert(1)</script>"})
  void wrongKeyShowsTheFormAgain(String key) {
    Answer refused = paste(key, "/ui").is(401);

    assertThat(refused.header("Content-Type")).startsWith("text/html");
    assertThat(refused.header("Set-Cookie")).isEmpty();
    assertThat(refused.body()).contains("<form").doesNotContain("<script>alert");
  }

  @Test
  void sessionIsNoKeyThatCouldBePasted() {
    paste(session().split("=", 2)[1], "/ui").is(401);
  }

  @ParameterizedTest
  @CsvSource({
    "/ui/session,/ui/session",
    "/ui,/ui",
    "/ui?status=FAILED&table=a,/ui?status=FAILED&table=a",
    "/ui#a,/ui#a",
    "https://evil.example/ui,/ui",
    "//evil.example/ui,/ui",
    "/\\evil.example,/ui",
    "/ui/../../evil,/ui",
    "/ui/%2e%2e/api,/ui",
    "/ui/./login?link=x,/ui",
    "/uix,/ui",
    "/ui/login?link=x,/ui",
    "javascript:alert(1),/ui",
    "/ui/a b,/ui",
  })
  void loginLeadsToNoOtherSite(String next, String location) {
    assertThat(paste(Node.KEY, next).is(303).header("Location")).isEqualTo(location);
  }

  @Test
  void whereOneWantedToGoIsTextInTheForm() {
    Answer form =
        node.sendWithout(
            "GET",
            "/ui/login?next="
                + URLEncoder.encode("/ui/\"><script>alert(1)</script>", StandardCharsets.UTF_8),
            "");

    assertThat(form.is(200).body()).doesNotContain("<script>");
  }

  @Test
  void pageWithoutASessionLeadsToTheLoginAndBack() {
    String there = "/ui/session?x=1";
    Answer away = node.sendWithout("GET", there, "").is(303);
    assertThat(away.header("Location"))
        .isEqualTo("/ui/login?next=" + URLEncoder.encode(there, StandardCharsets.UTF_8));

    node.sendWithout("GET", there, "", "Cookie", "audit-session=as_wrong").is(303);
    node.sendWithout("GET", "/api/v1/batches", "", "Cookie", "audit-session=as_wrong")
        .isProblem(401, "unauthenticated");
  }

  @Test
  void linkLetsInOnce() {
    Answer made = node.send("POST", "/api/v1/links", "").is(201);
    String path = made.at("/path");
    assertThat(path).matches("/ui/login\\?link=al_[A-Za-z0-9_-]{43}");

    Answer in = node.sendWithout("GET", path + "&next=%2Fui%2Fsession", "").is(303);
    Answer again = node.sendWithout("GET", path, "").is(401);

    assertThat(in.header("Location")).isEqualTo("/ui/session");
    assertThat(in.header("Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(again.body()).contains("used before");
    assertThat(again.header("Set-Cookie")).isEmpty();
    node.sendWithout("GET", "/ui/session", "", "Cookie", cookie(in)).is(200);
    node.sendWithout("GET", "/ui/login?link=al_wrong", "").is(401);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,Sec-Fetch-Dest,image",
    "GET,Sec-Fetch-Dest,iframe",
    "GET,Sec-Purpose,prefetch",
    "HEAD,Accept,*/*",
  })
  void whoOnlyLooksAtALinkDoesNotUseItUp(String method, String header, String value) {
    String path = node.send("POST", "/api/v1/links", "").is(201).at("/path");

    Answer looked = node.sendWithout(method, path, "", header, value).is(200);

    assertThat(looked.header("Set-Cookie")).isEmpty();
    node.sendWithout("GET", path, "", "Sec-Fetch-Dest", "document").is(303);
  }

  @Test
  void linkWhoseKeyIsGoneOpensNothing() {
    Answer key =
        node.send(
                "POST",
                "/api/v1/keys",
                "{\"name\":\"%s\",\"scopes\":[\"read\"]}".formatted("g-" + UUID.randomUUID()))
            .is(201);
    String path =
        node.sendWithout("POST", "/api/v1/links", "", "Authorization", "Bearer " + key.at("/key"))
            .is(201)
            .at("/path");
    node.send("DELETE", "/api/v1/keys/" + key.at("/id"), "").is(200);

    Answer refused = node.sendWithout("GET", path, "").is(401);

    assertThat(refused.header("Set-Cookie")).isEmpty();
  }

  @Test
  void sessionMakesNoLinkAndIsGoodOnlyAsACookie() {
    String cookie = session();
    String token = cookie.split("=", 2)[1];

    node.sendWithout("POST", "/api/v1/links", "", "Cookie", cookie, "X-CSRF-Token", csrf(cookie))
        .isProblem(403, "forbidden");
    node.sendWithout("GET", "/api/v1/session", "", "Authorization", "Bearer " + token)
        .isProblem(401, "unauthenticated");
    node.sendWithout("GET", "/api/v1/session", "", "Cookie", "audit-session=" + Node.KEY)
        .isProblem(401, "unauthenticated");
  }

  @Test
  void pageOfAnotherSiteMayNotEvenAsk() {
    node.sendWithout(
            "OPTIONS",
            "/api/v1/batches",
            "",
            "Origin",
            "https://evil.example",
            "Access-Control-Request-Method",
            "POST")
        .isProblem(405, "method-not-allowed");
  }

  @Test
  void linkHasTheRightsOfWhoMadeItAndEndsWithTheKey() {
    Answer key =
        node.send(
                "POST",
                "/api/v1/keys",
                "{\"name\":\"%s\",\"scopes\":[\"read\"]}".formatted("r-" + UUID.randomUUID()))
            .is(201);
    String bearer = "Bearer " + key.at("/key");
    String path =
        node.sendWithout("POST", "/api/v1/links", "", "Authorization", bearer).is(201).at("/path");
    String cookie = cookie(node.sendWithout("GET", path, "").is(303));
    String csrf = csrf(cookie);
    open(cookie, "X-CSRF-Token", csrf, "Content-Type", "application/json")
        .isProblem(403, "forbidden");
    node.sendWithout("GET", "/api/v1/batches", "", "Cookie", cookie).is(200);

    node.send("DELETE", "/api/v1/keys/" + key.at("/id"), "").is(200);

    node.sendWithout("GET", "/api/v1/batches", "", "Cookie", cookie)
        .isProblem(401, "unauthenticated");
  }

  @Test
  void changeWithASessionNeedsItsToken() {
    String cookie = session();
    String csrf = csrf(cookie);
    String json = "application/json";

    open(cookie, "Content-Type", json).isProblem(403, "forbidden");
    open(cookie, "Content-Type", json, "X-CSRF-Token", csrf + "x").isProblem(403, "forbidden");
    open(cookie, "Content-Type", json, "X-CSRF-Token", csrf(session())).isProblem(403, "forbidden");
    open(cookie, "Content-Type", json, "X-CSRF-Token", csrf).is(201);
  }

  @ParameterizedTest
  @CsvSource({
    "Origin,https://evil.example",
    "Origin,null",
    "Origin,http://127.0.0.1:1",
    "Sec-Fetch-Site,cross-site",
    "Sec-Fetch-Site,same-site",
  })
  void changeFromAnotherSiteIsRefusedEvenWithTheToken(String header, String value) {
    String cookie = session();

    open(cookie, "X-CSRF-Token", csrf(cookie), header, value).isProblem(403, "forbidden");
    paste(Node.KEY, "/ui", header, value).isProblem(403, "forbidden");
  }

  @Test
  void changeFromAPageOfThisServiceIsMade() {
    String cookie = session();

    open(
            cookie,
            "X-CSRF-Token",
            csrf(cookie),
            "Origin",
            "http://127.0.0.1:" + node.port(),
            "Sec-Fetch-Site",
            "same-origin")
        .is(201);
  }

  @Test
  void formOfAnotherSiteCannotPostEvents() {
    String batch = node.opened("");
    String cookie = session();

    node.sendWithout(
            "POST",
            batch + "/events",
            "{\"type\":\"STARTED\",\"file\":\"a\"}",
            "Cookie",
            cookie,
            "Content-Type",
            "text/plain",
            "Origin",
            "https://evil.example",
            "Sec-Fetch-Site",
            "cross-site")
        .isProblem(403, "forbidden");
  }

  @Test
  void whoSignsOutIsOutAtOnce() {
    String cookie = session();
    String csrf = csrf(cookie);
    node.sendWithout("POST", "/ui/logout", "", "Cookie", cookie).isProblem(403, "forbidden");

    Answer out =
        node.sendWithout("POST", "/ui/logout", "", "Cookie", cookie, "X-CSRF-Token", csrf).is(204);

    assertThat(out.header("Set-Cookie")).startsWith("audit-session=;").contains("Max-Age=0");
    node.sendWithout("GET", "/api/v1/session", "", "Cookie", cookie)
        .isProblem(401, "unauthenticated");
    node.send("POST", "/ui/logout", "").isProblem(400, "bad-request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/ui/login", "/ui/files/page.css", "/api/v1/batches", "/problems/x"})
  void everyAnswerTellsBrowsersWhatTheyMayDo(String path) {
    Answer answer = node.sendWithout("GET", path, "");

    assertThat(answer.header("Content-Security-Policy"))
        .contains("default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'")
        .doesNotContain("unsafe");
    assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(answer.header("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
    assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
  }

  @Test
  void pagesHaveNoScriptInThem() {
    String cookie = session();
    for (String path : new String[] {"/ui/login", "/ui/session", "/ui", "/ui/health"}) {
      String html = node.sendWithout("GET", path, "", "Cookie", cookie).is(200).body();
      assertThat(html)
          .doesNotContainPattern("<script(?![^>]* src=)")
          .doesNotContainPattern(" on\\w+=");
      assertThat(html)
          .doesNotContain("style=")
          .doesNotContain("http://")
          .doesNotContain("https://");
    }
    for (String file :
        new String[] {"page.css", "session.js", "main.js", "uPlot.min.css", "icon.svg"}) {
      node.sendWithout("GET", "/ui/files/" + file, "").is(200);
    }
    node.sendWithout("GET", "/ui/files/login.html", "").isProblem(404, "not-found");
    node.sendWithout("GET", "/ui/files/..%2flogin.html", "").isProblem(400, "bad-request");
  }
}
