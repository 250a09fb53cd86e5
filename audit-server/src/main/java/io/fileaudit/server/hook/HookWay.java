package io.fileaudit.server.hook;

import io.fileaudit.core.hook.HookReceiver;
import java.time.InstantSource;
import reactor.netty.resources.LoopResources;

/** How webhooks get to where they go: which addresses are open to them, and the way there. */
public final class HookWay {
  private final HookGate gate;
  private final HookReceiver receiver;

  private HookWay(HookGate gate, HookReceiver receiver) {
    this.gate = gate;
    this.receiver = receiver;
  }

  /** The way by HTTP, on those threads, to the public internet and what is allowed besides. */
  public static HookWay of(AllowedPlaces allowed, LoopResources loops) {
    HookGate gate = new HookGate(HostNames.ofMachine(loops), allowed);
    return new HookWay(gate, new HttpReceiver(gate, loops, InstantSource.system()));
  }

  /** The way to receivers. */
  public HookReceiver receiver() {
    return receiver;
  }

  HookGate gate() {
    return gate;
  }
}
