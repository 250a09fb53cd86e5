package io.fileaudit.server.hook;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Addresses that begin alike, as in {@code 10.0.0.0/8}. An IPv4 address that is written as one of
 * IPv6 is that IPv4 address.
 */
final class AddressRange {
  private static final Pattern V4 =
      Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");
  private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");
  private static final int V6_BYTES = 16;
  private static final int MAPPED_BYTES = 12;

  private final byte[] start;
  private final int bits;

  private AddressRange(byte[] start, int bits) {
    this.start = start;
    this.bits = bits;
  }

  /**
   * Reads an address, or one with the number of the bits that count.
   *
   * @throws IllegalArgumentException where it is neither
   */
  static AddressRange of(String text) {
    int slash = text.indexOf('/');
    byte[] start = read(slash < 0 ? text : text.substring(0, slash));
    int most = start.length * Byte.SIZE;
    int bits = slash < 0 ? most : bits(text, slash);
    if (slash >= 0 && text.indexOf(':') >= 0 && start.length < V6_BYTES) {
      bits -= MAPPED_BYTES * Byte.SIZE;
    }
    if (bits < 0 || bits > most) {
      throw none(text);
    }
    return new AddressRange(start, bits);
  }

  private static int bits(String text, int slash) {
    try {
      return Integer.parseInt(text.substring(slash + 1));
    } catch (NumberFormatException e) {
      throw none(text);
    }
  }

  /**
   * The bytes of an address, of which one of IPv4 has four numbers without leading zeros: those
   * some take for octal and others do not. Nothing is looked up.
   *
   * @throws IllegalArgumentException where it is none
   */
  static byte[] read(String text) {
    boolean isV6 = text.indexOf(':') >= 0;
    if (isV6 ? !V6.matcher(text).matches() : !V4.matcher(text).matches()) {
      throw none(text);
    }
    try {
      return InetAddress.getByName(isV6 ? "[" + text + "]" : text).getAddress();
    } catch (UnknownHostException e) {
      throw none(text);
    }
  }

  private static IllegalArgumentException none(String text) {
    return new IllegalArgumentException(
        "\"" + text + "\" is no address and no range such as 10.0.0.0/8 or fd00::/8");
  }

  /** The IPv4 address where it is one that is written as IPv6, else the address as it is. */
  static byte[] plain(byte[] address) {
    if (address.length != V6_BYTES) {
      return address;
    }
    for (int i = 0; i < MAPPED_BYTES; i++) {
      if (address[i] != (i < MAPPED_BYTES - 2 ? 0 : (byte) 0xff)) {
        return address;
      }
    }
    return Arrays.copyOfRange(address, MAPPED_BYTES, V6_BYTES);
  }

  /** Whether that address is one of them. */
  boolean has(byte[] address) {
    byte[] plain = plain(address);
    if (plain.length != start.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> bit % Byte.SIZE;
      if ((plain[bit / Byte.SIZE] & mask) != (start[bit / Byte.SIZE] & mask)) {
        return false;
      }
    }
    return true;
  }
}
