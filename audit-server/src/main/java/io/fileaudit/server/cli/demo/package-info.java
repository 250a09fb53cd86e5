/** Made-up files of the Brazilian company register, to show loads with. Blocks on file IO. */
@NullMarked
package io.fileaudit.server.cli.demo;

import org.jspecify.annotations.NullMarked;
