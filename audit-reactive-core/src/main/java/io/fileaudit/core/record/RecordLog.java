package io.fileaudit.core.record;

import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A log of records that nodes share, as Kafka is one: a topic to receive from, each partition of
 * which one node of a group reads at a time, and topics to write to.
 *
 * <p>Thread-safe. No signal comes on a thread that serves connections, and none may block the
 * thread that it comes on.
 */
public interface RecordLog {
  /**
   * Joins the group and gives what comes, from where the group's acknowledgements stand; from the
   * beginning of a partition that nobody has read. Lazy: each subscription is a member of its own,
   * of which a node has one at a time. Cancelling leaves the group once what was acknowledged is
   * stored; what was not acknowledged comes again, here or to another node.
   *
   * <p>Nothing is given that was not requested, and no more than one further poll is held;
   * meanwhile the node stays a member of the group. A topic that is not there yet is waited for,
   * and never made by receiving. Records of transactions that were undone are left out. Completes
   * never; an error means that this membership is over, and subscribing again begins a new one.
   */
  Flux<Polled> receive();

  /**
   * Writes records and completes when all of them are durable there. Lazy. Records of one key come
   * to stand in the order of the list. After an error some of them may have been written; writing
   * all again then keeps the order of what readers see first. Cancelling gives up the answer.
   * Errors: any that keeps a record from being written, after having tried for a bounded time.
   */
  Mono<Void> send(String topic, List<Outgoing> records);

  /**
   * Asks the log itself how far the group has come, beside the connection that receives. Lazy;
   * errors where the log cannot be reached within a bounded time.
   */
  Mono<Standing> standing();

  /** Gives back what is held: lazy, never fails, to be called when nothing else is in use. */
  Mono<Void> close();
}
