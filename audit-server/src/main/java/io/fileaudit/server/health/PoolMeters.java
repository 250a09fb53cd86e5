package io.fileaudit.server.health;

import io.fileaudit.r2dbc.PoolUse;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What a node shows of its connections to the database; not a number where it has none. */
public final class PoolMeters {
  private PoolMeters() {}

  /** Registers the meters of that pool, whose use is asked for as they are read. */
  public static void register(MeterRegistry registry, Supplier<@Nullable PoolUse> pool) {
    Gauge.builder("audit.pool.connections", () -> value(pool, PoolUse::inUse))
        .description("Connections of this node to the database, by whether somebody has them")
        .tag("state", "in_use")
        .register(registry);
    Gauge.builder("audit.pool.connections", () -> value(pool, PoolUse::idle))
        .description("Connections of this node to the database, by whether somebody has them")
        .tag("state", "idle")
        .register(registry);
    Gauge.builder("audit.pool.waiting", () -> value(pool, PoolUse::waiting))
        .description("How many wait for a connection to the database")
        .register(registry);
    Gauge.builder("audit.pool.limit", () -> value(pool, PoolUse::size))
        .description("The most connections of this node to the database")
        .register(registry);
  }

  private static double value(Supplier<@Nullable PoolUse> pool, ToDoubleFunction<PoolUse> part) {
    PoolUse use = pool.get();
    return use == null ? Double.NaN : part.applyAsDouble(use);
  }
}
