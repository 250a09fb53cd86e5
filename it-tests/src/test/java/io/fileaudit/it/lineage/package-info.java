/** OpenLineage's own client against the service. */
package io.fileaudit.it.lineage;
