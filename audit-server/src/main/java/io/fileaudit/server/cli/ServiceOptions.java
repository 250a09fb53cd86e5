package io.fileaudit.server.cli;

import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.AuditClientBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import reactor.netty.http.HttpResources;

/**
 * Where a command finds the service, and the key it shows. The key is no option: arguments are seen
 * by everybody on the machine.
 */
final class ServiceOptions {
  static final String DEFAULT_URL = "http://127.0.0.1:8080";
  static final String KEY_FILE = "admin.key";

  private static final Duration LAST_WORDS = Duration.ofMillis(200);
  private static final Set<String> OWN_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

  private static volatile boolean clientMade;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "the service's address (AUDIT_URL; else " + DEFAULT_URL + ")")
  @Nullable String url;

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description = "the namespace (AUDIT_NAMESPACE; else the key's own)")
  @Nullable String namespace;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "the data directory that holds the key (AUDIT_DATA; else ~/.audit)")
  @Nullable Path data;

  /** A client of the service that these options and the environment name. */
  AuditCalls client(Environment environment) {
    return made(environment, AuditClientBuilder::calls);
  }

  /** The client that loaders hold, of the same service; {@code AUDIT_SPOOL} is its spool. */
  AuditClient loader(Environment environment) {
    String spool = environment.get("AUDIT_SPOOL");
    Path directory = spool == null ? null : environment.workingDirectory().resolve(spool);
    return made(environment, builder -> builder.spool(directory).build());
  }

  private <T> T made(Environment environment, Function<AuditClientBuilder, T> how) {
    String address = address(environment);
    try {
      AuditClientBuilder builder = AuditClient.builder().url(address);
      String named = namespace == null ? environment.get("AUDIT_NAMESPACE") : namespace;
      trust(builder, environment);
      String key = key(environment, address);
      checkSecret(environment, address);
      clientMade = true;
      return how.apply(builder.namespace(named).key(key));
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Ends the threads of the network, where there are any: a process that exits waits 0.3 s for
   * threads that wait in the system. No client works any more then.
   */
  static void endThreads() {
    if (clientMade) {
      Waiting.briefly(
          HttpResources.disposeLoopsAndConnectionsLater(Duration.ZERO, LAST_WORDS), LAST_WORDS);
    }
  }

  /** The service's address, without a slash at its end. */
  String address(Environment environment) {
    String address = first(url, environment.get("AUDIT_URL"), DEFAULT_URL);
    return address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
  }

  /** A key goes in clear to no other machine unless somebody says that this is meant. */
  private static void checkSecret(Environment environment, String address) {
    boolean clear = address.toLowerCase(Locale.ROOT).startsWith("http://");
    if (clear
        && !isOwnMachine(address)
        && !"true".equals(environment.get("AUDIT_ALLOW_INSECURE"))) {
      throw new CommandException(
          ExitCode.USAGE,
          address
              + " would get the key in clear; use https, or set AUDIT_ALLOW_INSECURE=true where the way there is"
              + " safe");
    }
  }

  private static void trust(AuditClientBuilder builder, Environment environment) {
    String authorities = environment.get("AUDIT_CA");
    if (authorities != null) {
      builder.trusting(environment.workingDirectory().resolve(authorities));
    }
    String certificate = environment.get("AUDIT_CLIENT_CERT");
    String key = environment.get("AUDIT_CLIENT_KEY");
    if (certificate != null && key != null) {
      builder.certificate(
          environment.workingDirectory().resolve(certificate),
          environment.workingDirectory().resolve(key));
    } else if (certificate != null || key != null) {
      throw new CommandException(
          ExitCode.USAGE, "AUDIT_CLIENT_CERT and AUDIT_CLIENT_KEY are set both or not at all");
    }
  }

  /** The key of a data directory goes to the service of this machine only, to no other. */
  private String key(Environment environment, String address) {
    String given = environment.get("AUDIT_KEY");
    if (given != null) {
      return given;
    }
    if (data == null && !isOwnMachine(address)) {
      throw new CommandException(ExitCode.ACCESS, "set AUDIT_KEY to a key of " + address);
    }
    return ownKey(environment);
  }

  /** The admin key of this machine's service: of AUDIT_ADMIN_KEY_FILE, or of the data directory. */
  String ownKey(Environment environment) {
    return readKeyFile(keyFile(environment));
  }

  /** Where that key is. */
  Path keyFile(Environment environment) {
    String file = environment.get("AUDIT_ADMIN_KEY_FILE");
    return data == null && file != null
        ? environment.workingDirectory().resolve(file)
        : environment.dataDirectory(data).resolve(KEY_FILE);
  }

  /** The admin key in that data directory. */
  static String readKey(Path dataDirectory) {
    return readKeyFile(dataDirectory.resolve(KEY_FILE));
  }

  /** The key in that file. */
  static String readKeyFile(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (NoSuchFileException e) {
      throw new CommandException(
          ExitCode.ACCESS,
          "no key: AUDIT_KEY is not set and "
              + file
              + " is not there; `audit serve` makes it at its first start (--data or AUDIT_DATA"
              + " names another data directory)");
    } catch (AccessDeniedException e) {
      throw new CommandException(
          ExitCode.ACCESS, "no key: " + file + " may not be read by this user; set AUDIT_KEY");
    } catch (IOException e) {
      throw new CommandException(ExitCode.ACCESS, "no key: " + file + " cannot be read: " + e);
    }
  }

  /** Whether that address is of this machine. */
  static boolean isOwnMachine(String address) {
    try {
      String host = URI.create(address).getHost();
      return host != null && OWN_MACHINE.contains(host);
    } catch (IllegalArgumentException e) {
      return true; // Refused by the client, with a better word.
    }
  }

  private static String first(@Nullable String given, @Nullable String set, String otherwise) {
    return given != null ? given : set != null ? set : otherwise;
  }
}
