package io.fileaudit.core.life;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitAction;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.lineage.RunEvent;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.LineageStore;
import io.fileaudit.core.store.RunReport;
import io.fileaudit.core.watch.Verdicts;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Takes reports on batches as runs on behalf of a node: adds what the node knows, its name and the
 * limits that batches inherit. Whoever reports runs sends no heartbeats, so such a batch is flagged
 * rather than ended when nothing is heard of it for long.
 */
@CheckReturnValue
public final class Runs {
  private final LineageStore store;
  private final Limits own;
  private final Limits limits;
  private final String node;
  private final Supplier<UUID> chunkIds;
  private final Verdicts verdicts;

  /**
   * Runs of a store.
   *
   * @param inherited the limits of batches that set none: every one of them set
   * @param node this node's name, for verdicts
   * @param chunkIds a source of fresh ids
   * @param verdicts is told of every decision made here
   */
  public Runs(
      LineageStore store,
      Limits inherited,
      String node,
      Supplier<UUID> chunkIds,
      Verdicts verdicts) {
    this.store = store;
    this.own = own(inherited);
    this.limits = LimitRules.resolve(own, inherited);
    this.node = node;
    this.chunkIds = chunkIds;
    this.verdicts = verdicts;
  }

  private static Limits own(Limits inherited) {
    Limit idle = inherited.idle();
    return idle == null || idle.after() == null
        ? Limits.INHERITED
        : Limits.INHERITED.with(LimitName.IDLE, new Limit(null, LimitAction.FLAG));
  }

  /**
   * Takes a report and completes once it is durable. Lazy; cancelling gives up the answer and not
   * the work. Errors are those of {@link LineageStore#report}.
   *
   * @param by who reports
   */
  public Mono<Decided> report(String namespace, RunEvent event, @Nullable String by) {
    return verdicts.telling(
        Mono.defer(
            () ->
                store.report(
                    new RunReport(
                        namespace, event, own, limits, chunkIds.get(), chunkIds.get(), by, node))));
  }
}
