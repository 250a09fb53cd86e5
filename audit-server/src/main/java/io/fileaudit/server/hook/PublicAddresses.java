package io.fileaudit.server.hook;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * Tells addresses of the public internet from all others: those of this machine, of networks of
 * one's own, of one wire, of many at once, and reserved ones, as IANA's registries of
 * special-purpose addresses have them. Of IPv6 addresses that lead to an IPv4 address, that one
 * counts as well. Pure.
 */
final class PublicAddresses {
  private static final List<AddressRange> NOT_PUBLIC_V4 =
      ranges(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/4",
          "240.0.0.0/4");

  /** Everything else is unassigned, or not of the whole internet. */
  private static final AddressRange GLOBAL_V6 = AddressRange.of("2000::/3");

  private static final List<AddressRange> NOT_PUBLIC_V6 =
      ranges("2001::/23", "2001:db8::/32", "3fff::/20");

  private static final AddressRange SIX_TO_FOUR = AddressRange.of("2002::/16");
  private static final AddressRange NAT64 = AddressRange.of("64:ff9b::/96");
  private static final int V4_BYTES = 4;
  private static final int V6_BYTES = 16;

  private PublicAddresses() {}

  private static List<AddressRange> ranges(String... texts) {
    return Arrays.stream(texts).map(AddressRange::of).toList();
  }

  /** Whether anybody on the internet reaches the same place by that address. */
  static boolean has(InetAddress address) {
    return has(AddressRange.plain(address.getAddress()));
  }

  private static boolean has(byte[] address) {
    if (address.length == V4_BYTES) {
      return NOT_PUBLIC_V4.stream().noneMatch(range -> range.has(address));
    }
    if (NAT64.has(address)) {
      return has(part(address, V6_BYTES - V4_BYTES));
    }
    if (!GLOBAL_V6.has(address) || NOT_PUBLIC_V6.stream().anyMatch(range -> range.has(address))) {
      return false;
    }
    if (SIX_TO_FOUR.has(address)) {
      return has(part(address, 2));
    }
    return !isIsatap(address) || has(part(address, V6_BYTES - V4_BYTES));
  }

  /** An IPv4 address within a network (RFC 5214): …:0:5efe:a.b.c.d or …:200:5efe:a.b.c.d. */
  private static boolean isIsatap(byte[] address) {
    return (address[8] == 0 || address[8] == 2)
        && address[9] == 0
        && address[10] == 0x5e
        && address[11] == (byte) 0xfe;
  }

  private static byte[] part(byte[] address, int from) {
    return Arrays.copyOfRange(address, from, from + V4_BYTES);
  }
}
