package io.fileaudit.server.kafka;

/** A topic was deleted, and perhaps made again, while it was received from. */
final class TopicGoneException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  TopicGoneException(String topic) {
    super("topic " + topic + " was deleted, and may have been made again");
  }
}
