@NullMarked
package io.fileaudit.server.cli.earlier;

import org.jspecify.annotations.NullMarked;
