package io.fileaudit.server.cli.scan;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The text under which a path is reported. It is the same in every locale and different for
 * different paths, although a name on disk is bytes and need not be text; {@link FileSelection}
 * states the rule.
 */
final class ReportedName {

  /** What Java puts, in {@code Path.toString()}, in the place of bytes it cannot decode. */
  static final char REPLACEMENT = '\uFFFD';

  private static final boolean UTF_8_NAMES =
      "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"));

  private ReportedName() {}

  static String of(Path path) {
    String text = path.toString();
    String separator = path.getFileSystem().getSeparator();
    if (!separator.equals("/")) {
      return text.replace(separator, "/");
    }
    if (isExact(text)) {
      return text;
    }
    StringBuilder name = new StringBuilder(path.isAbsolute() ? "/" : "");
    for (Path element : path) {
      if (name.length() > 1 || (name.length() == 1 && !path.isAbsolute())) {
        name.append('/');
      }
      String own = element.toString();
      name.append(isExact(own) ? own : decode(bytesOf(element)));
    }
    return name.toString();
  }

  /** Whether Java's text of a path is what UTF-8 would give, with no byte lost. */
  private static boolean isExact(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == REPLACEMENT || (c >= 0x80 && !UTF_8_NAMES)) {
        return false;
      }
    }
    return true;
  }

  /** The bytes of a single name. The only way that Java tells them is the path's URI. */
  private static byte[] bytesOf(Path element) {
    String raw = element.toUri().getRawPath();
    int end = raw.endsWith("/") ? raw.length() - 1 : raw.length();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = raw.lastIndexOf('/', end - 1) + 1; i < end; i++) {
      if (raw.charAt(i) == '%') {
        bytes.write(Integer.parseInt(raw, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.write(raw.charAt(i));
      }
    }
    return bytes.toByteArray();
  }

  static String decode(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    StringBuilder name = new StringBuilder();
    while (in.hasRemaining()) {
      CharBuffer out = CharBuffer.allocate(in.remaining());
      CoderResult result = decoder.reset().decode(in, out, true);
      appendEscaped(name, out.flip());
      for (int i = 0; result.isError() && i < result.length(); i++) {
        appendEscape(name, in.get());
      }
    }
    return name.toString();
  }

  private static void appendEscaped(StringBuilder name, CharBuffer text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != REPLACEMENT) {
        name.append(text.charAt(i));
        continue;
      }
      for (byte b : String.valueOf(REPLACEMENT).getBytes(StandardCharsets.UTF_8)) {
        appendEscape(name, b);
      }
    }
  }

  private static void appendEscape(StringBuilder name, byte b) {
    name.append(REPLACEMENT).append(String.format("%02X", b));
  }
}
