package io.fileaudit.server.http;

import com.google.errorprone.annotations.CheckReturnValue;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Carries out a call. */
@CheckReturnValue
@FunctionalInterface
public interface CallHandler {
  /**
   * The answer: lazy; cancelling gives up the answer, not a change that was begun; errors become
   * problems.
   *
   * @throws io.fileaudit.api.problem.AuditException where the request itself is wrong
   */
  Mono<ServerResponse> handle(Call call);
}
