package io.fileaudit.it.crash.proxy;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** A proxy between a service and its PostgreSQL, which knows where each transaction stands. */
public final class PostgresProxy extends Proxy {
  private final AtomicInteger toCutOff = new AtomicInteger();

  /** A proxy on a free port before that database, taking connections at once. */
  public PostgresProxy(Server database) throws IOException {
    super(database);
  }

  @Override
  Connected connected(Socket client, Socket backend) {
    return new Link(this, client, backend);
  }

  /** Lets that many connections end in the middle of the next message of theirs to the database. */
  public void cutOff(int connections) {
    toCutOff.set(connections);
  }

  /** Whether a connection is to end in the middle of the message that it is about to send. */
  boolean claimsCut() {
    return toCutOff.get() > 0 && toCutOff.getAndDecrement() > 0;
  }

  @Override
  public void speak() {
    toCutOff.set(0);
    super.speak();
  }
}
