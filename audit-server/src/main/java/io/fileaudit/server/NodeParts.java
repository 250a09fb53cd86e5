package io.fileaudit.server;

import io.fileaudit.core.access.CredentialStore;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.ExpectationStore;
import io.fileaudit.core.store.ReportStore;
import io.fileaudit.core.store.RetentionStore;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.server.access.AdminAccess;

/**
 * What a node is given and does not make itself.
 *
 * @param settings how it is set up
 * @param store where it keeps what it knows
 * @param watch the same store, for watching
 * @param reports over the same store
 * @param expectations on its tables
 * @param retention of the same store
 * @param credentials where keys are kept
 * @param admin who has the admin key
 */
record NodeParts(
    ServerSettings settings,
    AuditStore store,
    WatchStore watch,
    ReportStore reports,
    ExpectationStore expectations,
    RetentionStore retention,
    CredentialStore credentials,
    AdminAccess admin) {}
