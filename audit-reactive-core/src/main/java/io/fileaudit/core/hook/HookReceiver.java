package io.fileaudit.core.hook;

import com.google.errorprone.annotations.CheckReturnValue;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The way to those who are told. */
@CheckReturnValue
public interface HookReceiver {
  /**
   * A message.
   *
   * @param url where it goes
   * @param headers what stands above it, by names in small letters
   * @param body what it says
   */
  record Message(String url, Map<String, String> headers, byte[] body) {}

  /**
   * An answer, of which nothing more is read.
   *
   * @param status its HTTP status
   * @param retryAfter how long it asks for patience; null where it does not
   */
  record Answer(int status, @Nullable Duration retryAfter) {}

  /**
   * Sends a message once. Lazy; cancelling closes the connection. Follows no redirect. Fails where
   * no answer comes, with a message for people that has nothing in it of what came; also where the
   * address may not be gone to.
   */
  Mono<Answer> send(Message message);
}
