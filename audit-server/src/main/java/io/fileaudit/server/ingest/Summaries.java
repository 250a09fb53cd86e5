package io.fileaudit.server.ingest;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.Problem;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Problems;
import java.util.List;
import java.util.Optional;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** Answers with what became of all lines of a request. */
final class Summaries {
  private Summaries() {}

  /** 200, or the one reason for which every line was refused. */
  static Mono<ServerResponse> answer(Call call, Ack ack) {
    return onlyReason(ack)
        .map(reason -> problem(call, ack, reason))
        .orElseGet(() -> Answers.json(ack));
  }

  /** Why every line was refused, where all of them were for one reason. */
  private static Optional<ProblemType> onlyReason(Ack ack) {
    boolean allRefused = ack.accepted() == 0 && ack.duplicates() == 0 && ack.refused() > 0;
    List<String> reasons = ack.refusals().stream().map(Refusal::type).distinct().limit(2).toList();
    return allRefused && reasons.size() == 1 ? Problems.bySlug(reasons.get(0)) : Optional.empty();
  }

  private static Mono<ServerResponse> problem(Call call, Ack ack, ProblemType reason) {
    Problem problem =
        new Problem(
            reason.uri(),
            reason.title(),
            reason.status(),
            ack.refusals().get(0).detail(),
            call.path(),
            reason == ProblemType.BATCH_ENDED ? ack.verdict() : null);
    ObjectNode json = Problems.json(problem);
    json.put("refused", ack.refused());
    json.set("refusals", AuditJson.strict().valueToTree(ack.refusals()));
    return Answers.problem(reason, json);
  }
}
