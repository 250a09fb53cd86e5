/**
 * Coming over from the Python service of the company register: what its four tables of manifests
 * hold, as batches and events of this one. Values and functions of them; nothing here reaches a
 * database or a service.
 */
@NullMarked
package io.fileaudit.server.cli.earlier;

import org.jspecify.annotations.NullMarked;
