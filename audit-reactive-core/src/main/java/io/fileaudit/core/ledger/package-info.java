/**
 * The ledger: chunks of lines, what a commit makes of them, and the texts that are kept. Pure
 * rules.
 */
@NullMarked
package io.fileaudit.core.ledger;

import org.jspecify.annotations.NullMarked;
