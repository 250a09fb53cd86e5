package io.fileaudit.server;

import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.server.access.Access;

/**
 * What a node is given and does not make itself.
 *
 * @param settings how it is set up
 * @param store where it keeps what it knows
 * @param watch the same store, for watching
 * @param access who may do what
 */
record NodeParts(ServerSettings settings, AuditStore store, WatchStore watch, Access access) {}
