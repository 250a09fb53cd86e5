package io.fileaudit.server.http;

import org.jspecify.annotations.Nullable;

/** From where a reader of server-sent events resumes. */
public final class Resume {
  /** The name of the parameter for readers that cannot set the header. */
  public static final String PARAMETER = "last_event_id";

  private static final String HEADER = "Last-Event-ID";
  private static final long MOST = (1L << 53) - 1;

  private Resume() {}

  /**
   * The id of the last event that the reader has; null where it begins. The header, which browsers
   * send by themselves, is the later word.
   *
   * @throws io.fileaudit.api.problem.AuditException {@code bad-request} where that is none of ours
   */
  public static @Nullable Long after(Call call, Parameters given) {
    String header = call.header(HEADER);
    String name = header == null || header.isBlank() ? PARAMETER : HEADER;
    String text = name.equals(HEADER) ? header : given.text(PARAMETER);
    return text == null ? null : number(name, text.strip());
  }

  private static long number(String name, String text) {
    if (text.matches("[0-9]{1,16}") && Long.parseLong(text) <= MOST) {
      return Long.parseLong(text);
    }
    throw Parameters.refuse(
        name + " is \"" + Call.shortened(text) + "\", expected the id of an event of this feed");
  }
}
