package io.fileaudit.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/** Damages what was good, the same way for the same seed. */
final class Mutations {
  private static final Pattern JSON_VALUE =
      Pattern.compile("\"(?:[^\"\\\\]++|\\\\.)*+\"|-?[0-9.]+|true|false|null");

  /** What stands for a value, or anywhere, in JSON. */
  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "\\",
          "\n",
          "\r",
          "\u0000",
          "\u001b[31m",
          "//",
          "'",
          "null",
          "true",
          "\"\"",
          "{}",
          "[]",
          "NaN",
          "-",
          "0",
          "-0",
          "00",
          "-1",
          "1.5",
          "1e3",
          "1e400",
          "-1e999999999",
          "1E-400",
          "9007199254740991",
          "9007199254740992",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
          "9".repeat(401),
          "9".repeat(10_000),
          "0." + "1".repeat(10_000),
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"\\udc00\\ud800\"",
          "\"\\uD83D\\uDE00\"",
          "\"\\u00\"",
          "\"\\x\"",
          "\"a\\u0000b\"",
          "\"PT9223372036854775807S\"",
          "\"P-1D\"",
          "\"PT0.0000000001S\"",
          "\"P99999999999D\"",
          "\"9999-12-31T23:59:59.999999999Z\"",
          "\"-999999999-01-01T00:00:00Z\"",
          "\"2026-02-30T00:00:00Z\"",
          "\"2026-11-01T10:00:00+18:01\"",
          "\"0 0 30 2 *\"",
          "\"* * *\"",
          "\"00000000-0000-0000-0000-000000000000\"",
          "\"1-1-1-1-1\"",
          "\"*\"",
          "\" \"",
          "\"'; DROP TABLE x --\"",
          "\"<script>\"",
          "\"${jndi:ldap://x}\"",
          "\"=cmd|\"",
          "\"" + "x".repeat(1_025) + "\"",
          "\"" + "x".repeat(70_000) + "\"",
          "[".repeat(33) + "]".repeat(33),
          "[".repeat(1_000) + "]".repeat(1_000),
          "{\"a\":".repeat(100) + "1" + "}".repeat(100),
          "[".repeat(20_000));

  private static final List<byte[]> NO_UTF8 =
      List.of(
          bytes(0x80),
          bytes(0xc0, 0x80),
          bytes(0xc3),
          bytes(0xe2, 0x82),
          bytes(0xed, 0xa0, 0x80),
          bytes(0xed, 0xb0, 0x80),
          bytes(0xf0, 0x9f, 0x98),
          bytes(0xf4, 0x90, 0x80, 0x80),
          bytes(0xf8, 0x88, 0x80, 0x80, 0x80),
          bytes(0xfe),
          bytes(0xff),
          bytes(0xff, 0xfe),
          bytes(0xef, 0xbb, 0xbf),
          bytes(0x00),
          bytes(0x7f),
          bytes(0xe2, 0x80, 0xa8));

  private final Random random;

  Mutations(Random random) {
    this.random = random;
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  boolean oneIn(int many) {
    return random.nextInt(many) == 0;
  }

  <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** JSON with one to three faults. */
  byte[] json(String good) {
    String text = good;
    for (int faults = 1 + random.nextInt(3); faults > 0; faults--) {
      text = oneIn(4) ? text : oneIn(2) ? otherValue(text) : otherText(text);
    }
    return utf8(text);
  }

  /** Puts something else for a value or a name. */
  private String otherValue(String text) {
    List<int[]> places = new ArrayList<>();
    Matcher values = JSON_VALUE.matcher(text);
    while (values.find()) {
      places.add(new int[] {values.start(), values.end()});
    }
    if (places.isEmpty()) {
      return any(PIECES);
    }
    int[] place = any(places);
    return text.substring(0, place[0]) + value() + text.substring(place[1]);
  }

  /** A value; now and then a text that is cut within a character where it is shown. */
  private String value() {
    return oneIn(3)
        ? "\"" + "x".repeat(60 + random.nextInt(60)) + "😀".repeat(90) + "\""
        : any(PIECES);
  }

  private String otherText(String text) {
    int from = random.nextInt(text.length() + 1);
    int to = from + random.nextInt(Math.min(40, text.length() - from + 1));
    String part = text.substring(from, to);
    return switch (random.nextInt(6)) {
      case 0 -> text.substring(0, from);
      case 1 -> text.substring(from);
      case 2 -> text.substring(0, from) + part + text.substring(from);
      case 3 -> text.substring(0, from) + text.substring(to);
      case 4 -> text.substring(0, from) + any(PIECES) + text.substring(from);
      default -> text.substring(0, from) + new StringBuilder(part).reverse() + text.substring(to);
    };
  }

  /** Bytes with some among them that are no UTF-8, or cut, or turned over. */
  byte[] noUtf8(byte[] good) {
    byte[] bytes = good;
    for (int faults = 1 + random.nextInt(3); faults > 0; faults--) {
      bytes = with(bytes, random.nextInt(bytes.length + 1), any(NO_UTF8));
    }
    return bytes;
  }

  /** Bytes of which some are others, missing or there twice. */
  byte[] damaged(byte[] good) {
    byte[] bytes = good.clone();
    for (int faults = 1 + random.nextInt(4); faults > 0 && bytes.length > 0; faults--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes = Arrays.copyOf(bytes, at);
        case 2 -> bytes = with(bytes, at, Arrays.copyOfRange(bytes, at, bytes.length));
        default -> bytes[at] = (byte) random.nextInt(256);
      }
    }
    return bytes;
  }

  byte[] noise(int most) {
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }

  static byte[] with(byte[] bytes, int at, byte[] more) {
    return joined(Arrays.copyOf(bytes, at), more, Arrays.copyOfRange(bytes, at, bytes.length));
  }

  static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** A body as chunks, right or with a fault. */
  byte[] chunks(byte[] body, boolean faulty) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int fault = faulty ? random.nextInt(4) : 4;
    for (int from = 0; from < body.length; ) {
      int to = Math.min(body.length, from + 1 + random.nextInt(200));
      boolean wrong = fault == 0 && oneIn(2);
      out.writeBytes(utf8(wrong ? badSize(to - from) : size(to - from)));
      out.writeBytes(Arrays.copyOfRange(body, from, to));
      out.writeBytes(utf8(fault == 1 && oneIn(2) ? any(List.of("", "\n", "\r", "x\r\n")) : "\r\n"));
      from = to;
    }
    out.writeBytes(utf8(fault == 2 ? badEnd() : "0\r\n\r\n"));
    return fault == 3 ? damaged(out.toByteArray()) : out.toByteArray();
  }

  private String size(int length) {
    String extension = oneIn(4) ? any(List.of(";a=b", ";a=\"b\"", ";" + "x".repeat(300))) : "";
    return Integer.toHexString(length) + extension + "\r\n";
  }

  private String badSize(int length) {
    return any(
            List.of(
                "zz",
                "-1",
                "",
                " ",
                "0x10",
                "+5",
                "ffffffff",
                "7fffffff",
                "80000000",
                "ffffffffffffffffff",
                Integer.toHexString(length + 1),
                Integer.toHexString(length + 5_000),
                "0".repeat(9_000) + "1",
                "1;" + "x".repeat(9_000),
                "٣",
                "1 1"))
        + any(List.of("\r\n", "\n", "\r", ""));
  }

  private String badEnd() {
    return any(
        List.of(
            "",
            "0",
            "0\r\n",
            "0\r\n\n",
            "0\r\nTrailer: x\r\n\r\n",
            "0\r\nContent-Length: 5\r\n\r\n",
            "0\r\nno colon\r\n\r\n",
            "0\r\na b: c\r\n\r\n",
            "0\r\nX: " + "x".repeat(9_000) + "\r\n\r\n",
            "0\r\nX: \u0000\r\n\r\n",
            "0\r\n: x\r\n\r\n",
            "00000\r\n\r\n",
            "0\r\n\r\n0\r\n\r\n"));
  }
}
