package io.fileaudit.r2dbc;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads a long result page by page, each page only when its rows are requested, so that a slow
 * reader holds no connection.
 */
final class Pages {
  private Pages() {}

  /**
   * The rows behind {@code start}.
   *
   * @param limit the most rows in all
   * @param size the most rows of a page
   * @param read reads a page from a place on, given the most rows that it may have
   * @param next the place behind a row
   */
  static <P, T> Flux<T> of(
      P start, int limit, int size, BiFunction<P, Integer, Flux<T>> read, Function<T, P> next) {
    record Page<T>(List<T> rows, int left) {}
    int first = Math.min(limit, size);
    Mono<Page<T>> begin =
        read.apply(start, first).collectList().map(rows -> new Page<>(rows, limit - rows.size()));
    return begin
        .expand(
            page -> {
              if (page.rows().size() < size || page.left() == 0) {
                return Mono.empty();
              }
              P place = next.apply(page.rows().get(page.rows().size() - 1));
              return read.apply(place, Math.min(page.left(), size))
                  .collectList()
                  .map(rows -> new Page<>(rows, page.left() - rows.size()));
            })
        .concatMapIterable(Page::rows, 1);
  }
}
