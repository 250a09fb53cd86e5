/** The JSON of the service: one mapper for both sides and the canonical form of RFC 8785. */
@NullMarked
package io.fileaudit.api.json;

import org.jspecify.annotations.NullMarked;
