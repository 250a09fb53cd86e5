package io.fileaudit.server.page;

import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The page on which people follow batches. Every view has the same document; what it shows is the
 * address's matter, which its scripts read; they also tell of a batch that is not there.
 */
public final class PageCalls {
  private static final MediaType HTML = new MediaType("text", "html", StandardCharsets.UTF_8);

  private final byte[] document = PageFiles.bytes("ui.html");

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        view("/ui", "status", "table", "period", "q"),
        view("/ui/batches/{id}"),
        view("/ui/health"),
        view("/ui/webhooks", "webhook"));
  }

  private Route view(String pattern, String... filters) {
    return Route.any(HttpMethod.GET, pattern, call -> document(call, filters));
  }

  private Mono<ServerResponse> document(Call call, String... filters) {
    Parameters.of(call, filters);
    return Answers.bytes(ServerResponse.ok(), HTML, document);
  }
}
