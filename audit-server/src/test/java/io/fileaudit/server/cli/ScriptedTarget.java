package io.fileaudit.server.cli;

import io.fileaudit.r2dbc.load.LoadSession;
import io.fileaudit.r2dbc.load.LoadTarget;
import io.fileaudit.r2dbc.load.LoadedFile;
import io.fileaudit.r2dbc.load.TableName;
import io.fileaudit.r2dbc.load.TargetException;
import io.fileaudit.r2dbc.load.TargetTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import reactor.core.publisher.Mono;

/**
 * A target in memory that goes away and refuses rows as a test wants: rows with {@code bad} in them
 * by their number, rows with {@code late} without one.
 */
final class ScriptedTarget implements LoadTarget {
  static final TargetTable TABLE = new TargetTable("public", "t", List.of("a", "b"));

  final List<String> rows = new ArrayList<>();
  final Map<String, LoadedFile> notes = new LinkedHashMap<>();
  int copies;
  int connectionsRefused;
  int commitsLost;
  int copiesCut;

  @Override
  public Mono<LoadSession> connect() {
    return Mono.fromCallable(
        () -> {
          if (connectionsRefused > 0) {
            connectionsRefused--;
            throw away();
          }
          return new Session();
        });
  }

  private static TargetException.Away away() {
    return new TargetException.Away("the database does not answer: gone", "57P01", null);
  }

  private final class Session implements LoadSession {
    private final List<String> begun = new ArrayList<>();

    @Override
    public Mono<TargetTable> table(TableName name) {
      return Mono.just(TABLE);
    }

    @Override
    public Mono<Void> create(TableName name, List<String> columns) {
      return Mono.empty();
    }

    @Override
    public Mono<Void> prepare(TargetTable table) {
      return Mono.empty();
    }

    @Override
    public Mono<LoadedFile> loaded(TargetTable table, UUID batch, String file) {
      return Mono.justOrEmpty(notes.get(file));
    }

    @Override
    public Mono<LoadedFile> begin(TargetTable table, UUID batch, String file, int run) {
      begun.clear();
      return loaded(table, batch, file);
    }

    @Override
    public Mono<Long> copy(
        TargetTable table, List<String> columns, byte[] bytes, int from, int to) {
      return Mono.fromCallable(
          () -> {
            copies++;
            if (copiesCut > 0) {
              copiesCut--;
              throw away();
            }
            List<String> lines =
                new String(bytes, from, to - from, StandardCharsets.UTF_8).lines().toList();
            for (int i = 0; i < lines.size(); i++) {
              if (lines.get(i).contains("bad")) {
                throw new TargetException.BadRow("bad", "22P02", i + 1, null);
              }
            }
            if (lines.stream().anyMatch(line -> line.contains("late"))) {
              throw new TargetException.BadRow("late", "23503", 0, null);
            }
            begun.addAll(lines);
            return (long) lines.size();
          });
    }

    @Override
    public Mono<Void> commit(TargetTable table, LoadedFile file) {
      return Mono.fromRunnable(
          () -> {
            rows.addAll(begun);
            notes.put(file.file(), file);
            if (commitsLost > 0) {
              commitsLost--;
              throw away();
            }
          });
    }

    @Override
    public Mono<Void> rollback() {
      return Mono.fromRunnable(begun::clear);
    }

    @Override
    public Mono<Void> close() {
      return Mono.empty();
    }
  }
}
