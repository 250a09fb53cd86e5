package io.fileaudit.it.crash.proxy;

import java.io.IOException;
import java.net.Socket;

/** A proxy between clients and a service, which knows feeds when it sees them. */
public final class HttpProxy extends Proxy {
  /** A proxy on a free port before that service, taking connections at once. */
  public HttpProxy(Server service) throws IOException {
    super(service);
  }

  @Override
  Connected connected(Socket client, Socket backend) {
    return new HttpLink(this, client, backend);
  }
}
