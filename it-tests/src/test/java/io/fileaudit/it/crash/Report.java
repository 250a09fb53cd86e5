package io.fileaudit.it.crash;

import io.fileaudit.it.crash.CrashRun.Result;
import io.fileaudit.it.crash.Violation.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes down what a long run has shown, as a page of Markdown. */
final class Report {
  private static final Path FOLDER =
      Path.of(System.getProperty("basedir", ""), "target", "crash").toAbsolutePath();

  private static final int DETAILS = 10;
  private static final double MEBIBYTE = 1 << 20;

  /**
   * Acknowledgements while nothing is broken.
   *
   * @param answers how many were measured
   */
  record Quiet(int answers, Duration p50, Duration p99) {}

  private final long seed;
  private final Quiet quiet;
  private final long begun = System.nanoTime();
  private final List<String> lines = new ArrayList<>();

  Report(long seed, Quiet quiet) {
    this.seed = seed;
    this.quiet = quiet;
  }

  Quiet quiet() {
    return quiet;
  }

  /** Writes it to {@code target/crash/report.md} and prints it. */
  void write(
      CrashRun run,
      Result result,
      List<Violation> violations,
      Watchers watchers,
      Health health,
      int contended,
      int seals)
      throws IOException {
    add(
        "Seed %d, %d faults in %d s; times stretched by %.1f.",
        seed,
        run.struck().size(),
        Duration.ofNanos(System.nanoTime() - begun).toSeconds(),
        Form.slack());
    add("");
    faults(run.struck());
    rules(result, violations, watchers, health, seals);
    add("");
    proof(run, result.proof(), watchers, health, contended, seals);
    violations.stream().limit(DETAILS).forEach(one -> add("- violation: %s", one));
    String text = String.join("\n", lines) + "\n";
    Files.createDirectories(FOLDER);
    Files.writeString(FOLDER.resolve("report.md"), text);
    System.out.println(text);
  }

  private void add(String format, Object... values) {
    lines.add(values.length == 0 ? format : String.format(Locale.ROOT, format, values));
  }

  private void faults(List<Struck> struck) {
    add(
        "| fault | times | lasted s | counts | least inside | answered inside | quick again after s |");
    add("|---|---|---|---|---|---|---|");
    Map<Fault, List<Struck>> byFault =
        struck.stream()
            .collect(
                Collectors.groupingBy(Struck::fault, java.util.TreeMap::new, Collectors.toList()));
    byFault.forEach(
        (fault, all) ->
            add(
                "| %s | %d | %s | %s | %d | %s | %s |",
                words(fault),
                all.size(),
                seconds(all.stream().map(Struck::lasted).toList()),
                words(fault.deed().counts()),
                all.stream().mapToLong(Struck::inside).min().orElse(0),
                range(all.stream().map(Struck::answered).toList()),
                seconds(all.stream().map(Struck::recovery).toList())));
    add("");
  }

  private static String words(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String range(List<Long> figures) {
    long least = figures.stream().mapToLong(figure -> figure).min().orElse(0);
    long most = figures.stream().mapToLong(figure -> figure).max().orElse(0);
    return least == most ? "" + least : least + "–" + most;
  }

  private static String seconds(List<Duration> times) {
    double least = times.stream().mapToLong(Duration::toMillis).min().orElse(0) / 1e3;
    double most = times.stream().mapToLong(Duration::toMillis).max().orElse(0) / 1e3;
    return times.size() == 1
        ? String.format(Locale.ROOT, "%.1f", least)
        : String.format(Locale.ROOT, "%.1f–%.1f", least, most);
  }

  private void rules(
      Result result, List<Violation> violations, Watchers watchers, Health health, int seals) {
    add("| rule | checks | violations |");
    add("|---|---|---|");
    for (Rule rule : Rule.values()) {
      long checks =
          switch (rule) {
            case FEED_TELLS_ALL_ONCE -> watchers.followed() + 1L;
            case SEALS_ARE_OF_THE_LOG -> seals;
            case MEMORY_AND_POOL_RECOVER -> health.checks();
            default -> result.checks().getOrDefault(rule, 0L);
          };
      long broken = violations.stream().filter(one -> one.rule() == rule).count();
      add("| %s | %d | %d |", words(rule), checks, broken);
    }
  }

  private void proof(
      CrashRun run, Proof proof, Watchers watchers, Health health, int contended, int seals) {
    add(
        "- %d batches, %d of them timed out; %d events acknowledged by HTTP, %d repeats, %d lines refused",
        proof.batches(),
        proof.timedOut(),
        proof.acknowledged(),
        proof.duplicates(),
        proof.refused());
    add(
        "- %d requests of unknown outcome; of their lines %d turned out to be stored and %d not to be",
        proof.unknown(), proof.unknownStored(), proof.unknownNotStored());
    add(
        "- %d looks at totals meanwhile; %d ledgers and all verdicts followed over %d connections",
        proof.looks(), watchers.followed(), watchers.connections());
    add(
        "- points: %s%s",
        run.fired().entrySet().stream()
            .map(entry -> words(entry.getKey()) + " " + entry.getValue())
            .collect(Collectors.joining(", ")),
        seals > 0 ? "" : "; this build signs no checkpoint, so that no seal was halted");
    add("- verdicts that both nodes wanted at once: %d", contended);
    add(
        "- acknowledgements in a quiet time: p50 %d ms, p99 %d ms (%d answers); quick is less than %d ms",
        quiet.p50().toMillis(), quiet.p99().toMillis(), quiet.answers(), run.quick().toMillis());
    add(
        "- heaps: %.0f MiB lived in the quiet time, %s at the end",
        health.usual() / MEBIBYTE,
        health.after().stream()
            .map(bytes -> String.format(Locale.ROOT, "%.0f MiB", bytes / MEBIBYTE))
            .collect(Collectors.joining(" and ")));
  }
}
