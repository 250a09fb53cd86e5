package io.fileaudit.server;

import io.fileaudit.core.access.CredentialStore;
import io.fileaudit.core.evidence.LogKeys;
import io.fileaudit.core.evidence.Notary;
import io.fileaudit.core.record.RecordLog;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.EvidenceStore;
import io.fileaudit.core.store.ExpectationStore;
import io.fileaudit.core.store.FeedStore;
import io.fileaudit.core.store.LineageStore;
import io.fileaudit.core.store.OutboxStore;
import io.fileaudit.core.store.ReportStore;
import io.fileaudit.core.store.RetentionStore;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.core.store.WebhookStore;
import io.fileaudit.r2dbc.PoolUse;
import io.fileaudit.server.access.AdminAccess;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a node is given and does not make itself.
 *
 * @param settings how it is set up
 * @param store where it keeps what it knows
 * @param watch the same store, for watching
 * @param lineage takes reports on batches of the same store
 * @param feeds what changes in the same store
 * @param reports over the same store
 * @param expectations on its tables
 * @param retention of the same store
 * @param webhooks about the same store
 * @param evidence of the same store
 * @param credentials where keys are kept
 * @param admin who has the admin key
 * @param pool the connections to the database; null where there are none
 * @param records a log of records; null where there is none
 */
record NodeParts(
    ServerSettings settings,
    AuditStore store,
    WatchStore watch,
    LineageStore lineage,
    FeedStore feeds,
    ReportStore reports,
    ExpectationStore expectations,
    RetentionStore retention,
    WebhookStore webhooks,
    Evidence evidence,
    CredentialStore credentials,
    AdminAccess admin,
    Supplier<@Nullable PoolUse> pool,
    @Nullable Records records) {
  /**
   * What is signed, by what, and where that is remembered.
   *
   * @param store where evidence is kept
   * @param keys what signs it
   * @param memory where what was signed is remembered beside the store
   */
  record Evidence(EvidenceStore store, LogKeys keys, Notary.Memory memory) {}

  /**
   * A log of records as a way in and out.
   *
   * @param log the log
   * @param outbox the changes of status that are told there; null where none are
   */
  record Records(RecordLog log, @Nullable OutboxStore outbox) {}
}
