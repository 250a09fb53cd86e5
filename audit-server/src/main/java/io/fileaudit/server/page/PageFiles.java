package io.fileaudit.server.page;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The files that pages are made of, and the descriptions of all calls and messages: read once when
 * the service starts, and open to everybody.
 */
public final class PageFiles {
  private static final MediaType SCRIPT =
      new MediaType("text", "javascript", StandardCharsets.UTF_8);
  private static final MediaType STYLE = new MediaType("text", "css", StandardCharsets.UTF_8);
  private static final MediaType HTML = new MediaType("text", "html", StandardCharsets.UTF_8);
  private static final MediaType YAML =
      new MediaType("application", "openapi+yaml", StandardCharsets.UTF_8);

  private static final MediaType ASYNC_YAML =
      new MediaType("application", "vnd.aai.asyncapi+yaml", StandardCharsets.UTF_8);

  private static final MediaType PICTURE =
      new MediaType("image", "svg+xml", StandardCharsets.UTF_8);

  private static final List<String> OWN = List.of("page.css", "session.js", "api.js");

  /** What the views of batches are made of, in {@code app/}. */
  static final List<String> OF_APP =
      List.of(
          "backoff.js",
          "badge.js",
          "bars.js",
          "batch.js",
          "batches.js",
          "batchtable.js",
          "calls.js",
          "chart.js",
          "clock.js",
          "dialogs.js",
          "dom.js",
          "failures.js",
          "feed.js",
          "files.js",
          "format.js",
          "health.js",
          "hooklog.js",
          "icon.svg",
          "keys.js",
          "keyset.js",
          "limits.js",
          "main.js",
          "merge.js",
          "more.js",
          "namespace.js",
          "order.js",
          "place.js",
          "reconciliation.js",
          "refused.js",
          "seal.js",
          "status.js",
          "subbatches.js",
          "throughput.js",
          "ui.css",
          "verdicts.js",
          "webhooks.js");

  /** What others wrote, in {@code vendor/}; {@code vendored.json} there says what it is. */
  static final List<String> VENDORED = List.of("uPlot.iife.min.js", "uPlot.min.css");

  private static final List<String> OF_SWAGGER = List.of("swagger-ui.css", "swagger-ui-bundle.js");

  /** That page shows icons that its style sheet holds in itself. */
  private static final String API_POLICY =
      "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

  private final Map<String, byte[]> files = new HashMap<>();
  private final byte[] api = bytes("api.html");
  private final byte[] description = bytes("openapi.yaml");
  private final byte[] messages = bytes("asyncapi.yaml");

  /** Made when somebody first asks for it, so that no start waits for a page that few look at. */
  private final Mono<byte[]> messagesPage =
      Mono.fromCallable(PageFiles::messagesPage).subscribeOn(Schedulers.boundedElastic()).cache();

  /** Reads all of them; blocks. */
  public PageFiles() {
    OWN.forEach(name -> files.put(name, bytes(name)));
    OF_APP.forEach(name -> files.put(name, bytes("app/" + name)));
    VENDORED.forEach(name -> files.put(name, bytes("vendor/" + name)));
    String swagger = "/META-INF/resources/webjars/swagger-ui/" + swaggerVersion() + "/";
    OF_SWAGGER.forEach(name -> files.put(name, bytes(swagger + name)));
  }

  private static String swaggerVersion() {
    Properties properties = new Properties();
    try (InputStream file =
        PageFiles.class.getResourceAsStream(
            "/META-INF/maven/org.webjars/swagger-ui/pom.properties")) {
      properties.load(Objects.requireNonNull(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version");
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        Route.open(HttpMethod.GET, "/ui/files/{name}", this::file),
        Route.open(HttpMethod.GET, "/ui/api", this::api),
        Route.open(HttpMethod.GET, "/ui/asyncapi", this::messagesPage),
        Route.open(HttpMethod.GET, "/api/v1/openapi.yaml", this::description),
        Route.open(HttpMethod.GET, "/api/v1/asyncapi.yaml", this::messages));
  }

  private Mono<ServerResponse> file(Call call) {
    String name = call.request().pathVariable("name");
    byte[] content = files.get(name);
    if (content == null) {
      throw new AuditException(ProblemType.NOT_FOUND, "there is nothing at this path");
    }
    return Answers.bytes(ServerResponse.ok(), type(name), content);
  }

  private static MediaType type(String name) {
    if (name.endsWith(".css")) {
      return STYLE;
    }
    return name.endsWith(".svg") ? PICTURE : SCRIPT;
  }

  private Mono<ServerResponse> api(Call call) {
    Parameters.none(call);
    return Answers.bytes(
        ServerResponse.ok().header("Content-Security-Policy", API_POLICY), HTML, api);
  }

  private Mono<ServerResponse> description(Call call) {
    Parameters.none(call);
    return Answers.bytes(ServerResponse.ok(), YAML, description);
  }

  private Mono<ServerResponse> messages(Call call) {
    Parameters.none(call);
    return Answers.bytes(ServerResponse.ok(), ASYNC_YAML, messages);
  }

  private Mono<ServerResponse> messagesPage(Call call) {
    Parameters.none(call);
    return messagesPage.flatMap(page -> Answers.bytes(ServerResponse.ok(), HTML, page));
  }

  private static byte[] messagesPage() {
    return text("asyncapi.html")
        .replace("{{messages}}", AsyncApiView.html(text("asyncapi.yaml")))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** A page with texts put in for its {@code {{names}}}. */
  static String text(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  /** A file beside this class. */
  static byte[] bytes(String name) {
    try (InputStream file = PageFiles.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(file, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
