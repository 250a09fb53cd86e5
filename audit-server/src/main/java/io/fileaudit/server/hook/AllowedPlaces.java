package io.fileaudit.server.hook;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where webhooks may go although it is not on the public internet, as the setting {@code
 * AUDIT_WEBHOOKS_ALLOW} says.
 */
public final class AllowedPlaces {
  private static final Pattern NAME =
      Pattern.compile("(?!-)[a-z0-9-]{1,63}(\\.(?!-)[a-z0-9-]{1,63})*");

  private final Set<String> names;
  private final List<AddressRange> ranges;

  private AllowedPlaces(Set<String> names, List<AddressRange> ranges) {
    this.names = names;
    this.ranges = ranges;
  }

  /**
   * Reads names of hosts, addresses and ranges of addresses with commas between them.
   *
   * @throws IllegalArgumentException naming what is none of them
   */
  public static AllowedPlaces read(String text) {
    Set<String> names = new HashSet<>();
    List<AddressRange> ranges = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String one = part.strip().toLowerCase(Locale.ROOT);
      if (one.isEmpty()) {
        continue;
      }
      if (HookAddress.isName(one) && NAME.matcher(one).matches()) {
        names.add(one);
      } else {
        ranges.add(AddressRange.of(one.replaceAll("^\\[|]$", "")));
      }
    }
    return new AllowedPlaces(names, ranges);
  }

  /** Whether a host of that name is allowed wherever it is. */
  boolean hasName(String host) {
    return names.contains(host);
  }

  /** Whether a host of that name is allowed wherever it is, or that address is. */
  boolean has(String host, InetAddress address) {
    return names.contains(host)
        || ranges.stream().anyMatch(range -> range.has(address.getAddress()));
  }
}
