package io.fileaudit.server.hook;

import com.google.errorprone.annotations.CheckReturnValue;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.NameResolverProvider;

/** Where hosts are. */
@CheckReturnValue
interface HostNames {
  /** All addresses of a host. Lazy; fails where there is none; cancelling stops the search. */
  Mono<List<InetAddress>> find(String host);

  /** As the file of hosts and the name servers of this machine say. Holds no thread. */
  static HostNames ofMachine(LoopResources loops) {
    AddressResolverGroup<InetSocketAddress> resolvers =
        NameResolverProvider.builder().build().newNameResolverGroup(loops, true);
    EventLoopGroup group = loops.onClient(true);
    return host ->
        Mono.create(
            sink -> {
              Future<List<InetSocketAddress>> found =
                  resolvers
                      .getResolver(group.next())
                      .resolveAll(InetSocketAddress.createUnresolved(host, 1));
              sink.onCancel(() -> found.cancel(false));
              GenericFutureListener<Future<List<InetSocketAddress>>> listener =
                  done -> {
                    if (done.isSuccess()) {
                      sink.success(
                          done.getNow().stream().map(InetSocketAddress::getAddress).toList());
                    } else {
                      sink.error(done.cause());
                    }
                  };
              found.addListener(listener);
            });
  }
}
