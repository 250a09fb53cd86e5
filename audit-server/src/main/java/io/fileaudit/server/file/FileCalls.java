package io.fileaudit.server.file;

import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.FileQuery;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Cursor;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Shows the files of a batch: page by page, or all of them as a stream. */
public final class FileCalls {
  private static final char CURSOR = 'f';
  private static final int PAGE = 100;
  private static final int LARGEST_PAGE = 1_000;

  private final Batches batches;
  private final AuditStore store;

  /** Files of that store's batches. */
  public FileCalls(Batches batches, AuditStore store) {
    this.batches = batches;
    this.store = store;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(Route.read("/api/v1/batches/{id}/files", this::list));
  }

  private Mono<ServerResponse> list(Call call) {
    BatchKey key = call.batch();
    MediaType wanted = Media.wanted(call, Media.JSON, Media.NDJSON, Media.CSV);
    Parameters given = Parameters.of(call, "state", "error", "q", "cursor", "page_size");
    int size = (int) given.integer("page_size", 1, LARGEST_PAGE, PAGE);
    String cursor = given.text("cursor");
    FileQuery query =
        new FileQuery(
            given.read("state", FileCalls::state),
            given.text("error"),
            given.text("q"),
            cursor == null ? null : Cursor.place(CURSOR, cursor),
            wanted.equals(Media.JSON) ? size + 1 : Integer.MAX_VALUE);
    Flux<Manifest> files = store.files(key, query);
    return wanted.equals(Media.JSON)
        ? files
            .switchIfEmpty(batches.find(key).then(Mono.empty()))
            .collectList()
            .flatMap(found -> Answers.json(page(found, size)))
        : batches.find(key).flatMap(batch -> stream(wanted, files));
  }

  private static Mono<ServerResponse> stream(MediaType wanted, Flux<Manifest> files) {
    Flux<byte[]> lines =
        wanted.equals(Media.NDJSON)
            ? files.map(FileCalls::jsonLine)
            : Flux.concat(Mono.just(FileTable.HEADER), files.map(FileTable::line))
                .map(line -> line.getBytes(StandardCharsets.UTF_8));
    return Answers.stream(ServerResponse.ok(), wanted, lines);
  }

  private static Answers.Page page(List<Manifest> found, int size) {
    List<Manifest> shown = found.subList(0, Math.min(size, found.size()));
    @Nullable String next =
        found.size() > size ? Cursor.of(CURSOR, shown.get(shown.size() - 1).file()) : null;
    return new Answers.Page(shown, next);
  }

  private static byte[] jsonLine(Manifest file) {
    return (AuditJson.strict().writeValueAsString(file) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static FileState state(String word) {
    String wanted = word.strip().toUpperCase(Locale.ROOT);
    return Stream.of(FileState.values())
        .filter(state -> state.name().equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown state \""
                        + Call.shortened(word)
                        + "\"; one of "
                        + Arrays.toString(FileState.values())));
  }
}
