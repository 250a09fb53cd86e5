package io.fileaudit.api.client;

import java.time.Duration;
import java.time.InstantSource;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * What all deliveries of one client share.
 *
 * @param calls how the service is reached
 * @param namespace whose batches; null for that of the key
 * @param control runs what deliveries decide, one task at a time each; its clock measures waits
 * @param spool where events wait while the service cannot be reached; null for no such place
 * @param disk runs what waits for the disk
 * @param window how many events of all calls of a batch may be unsettled
 * @param giveUpAfter how long a service that cannot be reached is waited for
 * @param answerAfter how long an acknowledgement that is owed is waited for
 * @param wallClock gives events their time
 * @param random from 0 to 1
 * @param meters what is counted
 */
record DeliverySettings(
    AuditCalls calls,
    @Nullable String namespace,
    Scheduler control,
    @Nullable Spool spool,
    Scheduler disk,
    int window,
    Duration giveUpAfter,
    Duration answerAfter,
    InstantSource wallClock,
    DoubleSupplier random,
    ClientMeters meters) {}
