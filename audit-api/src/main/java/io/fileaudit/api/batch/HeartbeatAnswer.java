package io.fileaudit.api.batch;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a batch is told that said it lives.
 *
 * @param run the present run
 * @param status where it is in its life
 * @param flags what a person should look at
 * @param limits the limits that hold, by name, with the time that is left of each
 * @param now the store's clock
 */
public record HeartbeatAnswer(
    int run, BatchStatus status, List<Flag> flags, Map<String, LimitView> limits, Instant now) {}
