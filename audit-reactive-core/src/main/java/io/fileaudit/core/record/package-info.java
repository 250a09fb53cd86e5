/**
 * Logs of records as a way in and out: events of loaders come from one, changes of status go to
 * one. What a log is made of stands behind {@link io.fileaudit.core.record.RecordLog}.
 */
@NullMarked
package io.fileaudit.core.record;

import org.jspecify.annotations.NullMarked;
