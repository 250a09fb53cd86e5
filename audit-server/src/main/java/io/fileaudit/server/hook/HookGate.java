package io.fileaudit.server.hook;

import com.google.errorprone.annotations.CheckReturnValue;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Lets webhooks go to the public internet, and to what the settings allow besides. A name is looked
 * up once for each try; if one of its addresses may not be gone to, none is, and the connection is
 * made to an address that was checked: what the name leads to afterwards does not matter.
 */
final class HookGate {
  private final HostNames names;
  private final AllowedPlaces allowed;

  HookGate(HostNames names, AllowedPlaces allowed) {
    this.names = names;
    this.allowed = allowed;
  }

  /** Says that an address may not be gone to, in words for who set it. */
  static final class ClosedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClosedException(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * The addresses to connect to, each with the host's name. Lazy. Fails with {@link
   * ClosedException} where one of them may not be gone to, with {@link UnknownHostException} where
   * there is none.
   */
  @CheckReturnValue
  Mono<List<InetAddress>> open(HookAddress to) {
    InetAddress literal = to.literal();
    if (literal == null && !to.isSecure() && !allowed.hasName(to.host())) {
      return Mono.error(() -> inClear(to));
    }
    Mono<List<InetAddress>> found =
        literal == null ? names.find(to.host()) : Mono.just(List.of(literal));
    return found.map(
        addresses -> {
          if (addresses.isEmpty()) {
            throw new IllegalStateException("a host that is found has an address");
          }
          addresses.forEach(address -> check(to, address));
          return addresses.stream()
              .sorted(Comparator.comparing(address -> !(address instanceof Inet4Address)))
              .map(address -> literal == null ? named(to.host(), address) : address)
              .toList();
        });
  }

  /** What a name leads to may be another place later, so in clear the name itself is allowed. */
  private static ClosedException inClear(HookAddress to) {
    return new ClosedException(
        "http:// goes only to what AUDIT_WEBHOOKS_ALLOW names; use https:// for " + to.host());
  }

  private void check(HookAddress to, InetAddress address) {
    if (allowed.has(to.host(), address)) {
      return;
    }
    if (!PublicAddresses.has(address)) {
      throw new ClosedException(
          to.host()
              + " is not on the public internet; whoever runs the service may allow it by AUDIT_WEBHOOKS_ALLOW");
    }
    if (!to.isSecure()) {
      throw inClear(to);
    }
  }

  /** TLS is held against the name, which is not looked up again. */
  private static InetAddress named(String host, InetAddress address) {
    try {
      return InetAddress.getByAddress(host, address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
