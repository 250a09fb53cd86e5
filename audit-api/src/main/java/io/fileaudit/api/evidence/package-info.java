/**
 * Evidence that history was not changed: Merkle trees of RFC 6962, notes and checkpoints of C2SP,
 * and what verifies them without a service.
 */
@NullMarked
package io.fileaudit.api.evidence;

import org.jspecify.annotations.NullMarked;
