package io.fileaudit.server.cli.earlier;

import java.time.Instant;
import java.time.ZoneId;

/**
 * How manifests are read.
 *
 * @param zone of times that say none: that of the machine the earlier service ran on
 * @param cancelOpen whether batches that never ended are taken over, as CANCELLED
 * @param now by this machine's clock; what is later than an hour from it is not taken for a time
 */
public record ImportRules(ZoneId zone, boolean cancelOpen, Instant now) {}
