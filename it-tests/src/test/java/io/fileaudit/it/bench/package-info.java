/** Benchmarks: commands of their own, never part of the tests. */
@NullMarked
package io.fileaudit.it.bench;

import org.jspecify.annotations.NullMarked;
