/** Calls about what is kept of a batch: its ledger, verdicts, refused events and producers. */
@NullMarked
package io.fileaudit.server.ledger;

import org.jspecify.annotations.NullMarked;
