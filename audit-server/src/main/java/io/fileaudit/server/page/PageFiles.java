package io.fileaudit.server.page;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The files that pages are made of: read once when the service starts, and open to everybody. */
public final class PageFiles {
  private static final MediaType SCRIPT =
      new MediaType("text", "javascript", StandardCharsets.UTF_8);
  private static final MediaType STYLE = new MediaType("text", "css", StandardCharsets.UTF_8);
  private static final Map<String, MediaType> SERVED =
      Map.of("page.css", STYLE, "session.js", SCRIPT);

  private final Map<String, byte[]> files;

  /** Reads all of them; blocks. */
  public PageFiles() {
    Map<String, byte[]> read = new java.util.HashMap<>();
    SERVED.keySet().forEach(name -> read.put(name, bytes(name)));
    this.files = Map.copyOf(read);
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(Route.open(HttpMethod.GET, "/ui/files/{name}", this::file));
  }

  private Mono<ServerResponse> file(Call call) {
    String name = call.request().pathVariable("name");
    byte[] content = files.get(name);
    if (content == null) {
      throw new AuditException(ProblemType.NOT_FOUND, "there is nothing at this path");
    }
    return Answers.bytes(ServerResponse.ok(), Objects.requireNonNull(SERVED.get(name)), content);
  }

  /** A page with texts put in for its {@code {{names}}}. */
  static String text(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String name) {
    try (InputStream file = PageFiles.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(file, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
