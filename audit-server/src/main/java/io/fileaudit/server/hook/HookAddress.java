package io.fileaudit.server.hook;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An address of the web that a webhook goes to, taken apart by this service alone: what the check
 * is made of is what is gone to.
 *
 * @param isSecure whether it is https
 * @param host a name in small letters without a dot at its end, or an address without brackets
 * @param port the port
 * @param path path and query, from the slash on
 * @param literal the address where the host is one; null where it is a name
 */
record HookAddress(
    boolean isSecure, String host, int port, String path, @Nullable InetAddress literal) {
  private static final int MOST_CHARACTERS = 2_048;
  private static final int MOST_PORT = 65_535;
  private static final int HTTPS = 443;
  private static final int HTTP = 80;

  private static final Pattern TOO_LONG = Pattern.compile("[^.]{64}");
  private static final int MOST_HOST = 253;

  /** A name whose last part is a number is an address to somebody: 2130706433, 0x7f.1, 127.1. */
  private static final Pattern ENDS_IN_A_NUMBER = Pattern.compile("(.*\\.)?(\\d+|0x[0-9a-f]*)");

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException saying why it is none that a webhook can go to
   */
  static HookAddress read(String url) {
    if (url.length() > MOST_CHARACTERS) {
      throw new IllegalArgumentException("url is longer than " + MOST_CHARACTERS + " characters");
    }
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("url cannot be read: " + e.getReason(), e);
    }
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("https") && !scheme.equals("http")) {
      throw new IllegalArgumentException("url does not begin with https:// or http://");
    }
    if (String.valueOf(uri.getRawAuthority()).indexOf('@') >= 0) {
      throw new IllegalArgumentException(
          "url has a user in it; a secret belongs into the signature or the path");
    }
    if (uri.getRawFragment() != null) {
      throw new IllegalArgumentException("url has a fragment, which nobody is sent");
    }
    boolean secure = scheme.equals("https");
    int port = uri.getPort() < 0 ? (secure ? HTTPS : HTTP) : uri.getPort();
    if (port < 1 || port > MOST_PORT) {
      throw new IllegalArgumentException("url has the port " + port + ", expected 1 to 65535");
    }
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    String host = host(uri);
    return new HookAddress(
        secure, host, port, ascii(path + query), isName(host) ? null : literal(host));
  }

  private static String ascii(String path) {
    if (!path.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException("url has letters beyond ASCII; write them as %C3%A9");
    }
    return path;
  }

  private static String host(URI uri) {
    String host = uri.getHost();
    if (host == null) {
      throw new IllegalArgumentException(
          "url has no host that can be read: a name of letters, digits and dashes, or an address");
    }
    String small = host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
    if (small.length() > MOST_HOST || TOO_LONG.matcher(small).find()) {
      throw new IllegalArgumentException(
          "url has a host that no name can be: at most 63 letters between dots, 253 in all");
    }
    return small.startsWith("[") ? small.substring(1, small.length() - 1) : small;
  }

  /** Whether that is a name, and by nobody's reading an address. */
  static boolean isName(String host) {
    return host.indexOf(':') < 0
        && host.indexOf('/') < 0
        && host.indexOf('[') < 0
        && !ENDS_IN_A_NUMBER.matcher(host).matches();
  }

  private static InetAddress literal(String host) {
    try {
      return InetAddress.getByAddress(AddressRange.read(host));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "url has the host " + host + ", expected a name or an address in its usual form", e);
    }
  }

  /** The host, and the port where it is not the usual one, as in the header {@code Host}. */
  String authority() {
    String shown = host.indexOf(':') < 0 ? host : "[" + host + "]";
    return port == (isSecure ? HTTPS : HTTP) ? shown : shown + ":" + port;
  }
}
