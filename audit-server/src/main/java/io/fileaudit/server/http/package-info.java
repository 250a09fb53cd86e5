/**
 * What every call of the HTTP interface shares: the route table, access, parameters, answers and
 * problems.
 */
@NullMarked
package io.fileaudit.server.http;

import org.jspecify.annotations.NullMarked;
