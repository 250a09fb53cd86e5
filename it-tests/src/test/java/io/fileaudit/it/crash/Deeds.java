package io.fileaudit.it.crash;

import io.fileaudit.it.crash.Fault.Deed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Does what faults do to a site, keeps it up, and takes it back. */
final class Deeds implements AutoCloseable {
  /** From Debian's package {@code faketime}. */
  static final Path FAKETIME = Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");

  /**
   * The clock of the wall alone is ahead; the one that timers go by is as it was, and so is how
   * Java waits by it.
   */
  private static final Map<String, String> AN_HOUR_AHEAD =
      Map.of(
          "LD_PRELOAD",
          FAKETIME.toString(),
          "FAKETIME",
          "+1h",
          "FAKETIME_DONT_FAKE_MONOTONIC",
          "1",
          "DONT_FAKE_MONOTONIC",
          "1",
          "FAKETIME_FORCE_MONOTONIC_FIX",
          "0");

  private static final Duration LAG = Duration.ofMillis(15);
  private static final int CUT_AT_ONCE = 2;

  private final Site site;
  private final Means means;
  private final boolean lasting;
  private @Nullable Connection locking;
  private @Nullable Intruder intruder;

  /**
   * Deeds on that site.
   *
   * @param lasting whether what is killed stays away until it is taken back
   */
  Deeds(Site site, Means means, boolean lasting) {
    this.site = site;
    this.means = means;
    this.lasting = lasting;
  }

  /** Begins it. */
  void begin(Deed deed) throws IOException, InterruptedException {
    switch (deed) {
      case KILL_THE_SERVICE -> site.killSecond();
      case KILL_THE_OWNER -> site.killOwner();
      case KILL_THE_POSTMASTER -> {
        if (lasting) {
          site.cluster().preventStart();
        }
        site.killPostmaster();
      }
      case BREAK_THE_CONNECTION, CUT_OFF -> {
        // Dropping what stands at the point is all; what is kept up begins by itself.
      }
      case BREAK_ALL_CONNECTIONS -> site.proxy().cutAll();
      case FALL_SILENT -> site.proxy().fallSilent();
      case END_THE_SERVICE -> site.askSecondToEnd();
      case KILL_A_BACKEND -> killBackend();
      case FREEZE_THE_DATABASE -> site.cluster().freeze();
      case FREEZE_THE_SERVICE -> site.freezeSecond();
      case HOLD_ANSWERS -> site.proxy().holdAnswers();
      case LAG -> {
        site.proxy().lag(LAG);
        site.front().lag(LAG);
      }
      case LOCK_A_TABLE -> lock();
      case FILL_THE_DISK -> Objects.requireNonNull(means.disk(), "a disk").fill();
      case KILL_THE_BROKER -> Objects.requireNonNull(means.broker(), "a broker").kill();
      case JOIN_THE_GROUP ->
          intruder =
              new Intruder(Objects.requireNonNull(means.broker(), "a broker").servers())
                  .awaitJoined();
      case PUT_THE_CLOCK_AHEAD -> site.startSecondWith(AN_HOUR_AHEAD);
    }
  }

  private void killBackend() throws IOException {
    try {
      site.cluster().killBackend("audit_service");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Accounts of files are read by those who wait, and written by nobody. */
  private void lock() throws IOException {
    try {
      Connection connection = site.cluster().connect("audit_owner");
      locking = connection;
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("LOCK TABLE audit.manifest IN EXCLUSIVE MODE");
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void unlock() {
    Connection connection = locking;
    locking = null;
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Does again what is over as soon as it is done, where it is to last. */
  void again(Deed deed) {
    if (deed == Deed.BREAK_ALL_CONNECTIONS) {
      site.proxy().cutAll();
      site.front().cutAll();
    } else if (deed == Deed.CUT_OFF) {
      site.proxy().cutOff(CUT_AT_ONCE);
    }
  }

  /** Takes it back, where healing the site does not. */
  void end(Deed deed) throws IOException, InterruptedException {
    switch (deed) {
      case KILL_THE_POSTMASTER -> site.cluster().allowStart();
      case END_THE_SERVICE -> site.killSecond();
      case FREEZE_THE_DATABASE -> site.cluster().thaw();
      case FREEZE_THE_SERVICE -> site.thawSecond();
      case LOCK_A_TABLE -> unlock();
      case FILL_THE_DISK -> Objects.requireNonNull(means.disk(), "a disk").free();
      case KILL_THE_BROKER -> Objects.requireNonNull(means.broker(), "a broker").start();
      case JOIN_THE_GROUP -> leave();
      case PUT_THE_CLOCK_AHEAD -> site.startSecondWith(Map.of());
      default -> {
        // Healing is enough.
      }
    }
  }

  private void leave() {
    Intruder present = intruder;
    intruder = null;
    if (present != null) {
      present.close();
    }
  }

  /** Says what is missing on this machine; null where nothing is. */
  static @Nullable String missing() {
    if (!Files.exists(FAKETIME)) {
      return FAKETIME + " is missing; install Debian's package faketime";
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      return "a small file system is mounted for the database, which takes root";
    }
    return Files.exists(Path.of("/dev/loop-control"))
        ? null
        : "/dev/loop-control is missing: a small file system cannot be mounted";
  }

  @Override
  public void close() {
    unlock();
    leave();
  }
}
