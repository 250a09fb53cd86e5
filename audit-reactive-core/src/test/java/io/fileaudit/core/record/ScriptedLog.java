package io.fileaudit.core.record;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A log that answers what the test says, in turn, and then that all is durable. */
final class ScriptedLog implements RecordLog {
  final List<String> topics = new ArrayList<>();
  final List<List<Outgoing>> asked = new ArrayList<>();
  final Deque<Mono<Void>> answers = new ArrayDeque<>();

  @Override
  public Flux<Polled> receive() {
    return Flux.never();
  }

  @Override
  public Mono<Void> send(String topic, List<Outgoing> records) {
    return Mono.defer(
        () -> {
          topics.add(topic);
          asked.add(List.copyOf(records));
          return answers.isEmpty() ? Mono.empty() : answers.remove();
        });
  }

  @Override
  public Mono<Standing> standing() {
    return Mono.just(new Standing(0, 0, 0));
  }

  @Override
  public Mono<Void> close() {
    return Mono.empty();
  }
}
