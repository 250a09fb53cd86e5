package io.fileaudit.r2dbc;

import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.Proofs;
import io.fileaudit.api.evidence.Proofs.Node;
import io.fileaudit.core.store.EvidenceStore;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;

/** The full trees of the log, as they lie in rows. */
final class LogNodes {
  private static final String FIND =
      """
      SELECT n.level, n.place, n.hash FROM unnest($1::int[], $2::bigint[]) AS w(level, place)
        JOIN log_node n ON n.level = w.level AND n.place = w.place AND length(n.hash) = 32
      """;

  private static final String INSERT =
      "INSERT INTO log_node (level, place, hash) SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])";

  private record Made(Node node, Hash hash) {}

  private final PostgresqlConnection connection;

  LogNodes(PostgresqlConnection connection) {
    this.connection = connection;
  }

  /** The roots of those of the trees that are there. */
  Mono<Map<Node, Hash>> find(Collection<Node> nodes) {
    List<Node> wanted = List.copyOf(nodes);
    return wanted.isEmpty()
        ? Mono.just(Map.of())
        : BatchRows.query(
                connection
                    .createStatement(FIND)
                    .bind("$1", Column.of(wanted, Integer.class, Node::level))
                    .bind("$2", Column.of(wanted, Long.class, Node::index)),
                row ->
                    new Made(
                        new Node(
                            BatchRows.value(row, "level", Integer.class),
                            BatchRows.value(row, "place", Long.class)),
                        Hash.of(BatchRows.value(row, "hash", byte[].class))))
            .collect(HashMap::new, (found, one) -> found.put(one.node(), one.hash()));
  }

  /** The log's tree of that size; an error where a part of it is not there. */
  Mono<CompactRange> range(long size) {
    List<Node> peaks = Proofs.trees(0, size);
    return find(peaks)
        .map(
            found -> {
              ByteArrayOutputStream bytes = new ByteArrayOutputStream();
              for (Node peak : peaks) {
                Hash hash = found.get(peak);
                if (hash == null) {
                  throw new EvidenceStore.BrokenTreeException(
                      "the tree of the log has no node "
                          + peak.index()
                          + " of level "
                          + peak.level());
                }
                bytes.writeBytes(hash.bytes());
              }
              return CompactRange.of(size, bytes.toByteArray());
            });
  }

  /** Adds leaves behind those of a tree. */
  Mono<Void> add(CompactRange tree, List<Hash> leaves) {
    List<Made> made = new ArrayList<>();
    CompactRange.Growing growing =
        new CompactRange.Growing(
            tree, (level, index, hash) -> made.add(new Made(new Node(level, index), hash)));
    leaves.forEach(growing::add);
    return BatchRows.update(
            connection
                .createStatement(INSERT)
                .bind("$1", Column.of(made, Integer.class, one -> one.node().level()))
                .bind("$2", Column.of(made, Long.class, one -> one.node().index()))
                .bind("$3", Column.of(made, byte[].class, one -> one.hash().bytes())))
        .then();
  }
}
