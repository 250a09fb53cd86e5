package io.fileaudit.server.cli;

import io.fileaudit.api.evidence.Checkpoint;
import io.fileaudit.api.evidence.Verification;
import io.fileaudit.api.evidence.Verification.Outcome;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What verifying came to, as it is printed.
 *
 * @param result intact, tampered or incomplete
 * @param about what was verified
 * @param size how many rows or entries it has
 * @param checkpoint the log's name and size when it was signed; null where no signature was
 *     verified
 * @param tampered what does not fit, the first row or entry first
 * @param missing what is missing that would show more
 */
record Evidence(
    String result,
    String about,
    long size,
    @Nullable String checkpoint,
    List<String> tampered,
    List<String> missing) {
  static Evidence of(
      String about, long size, @Nullable Checkpoint checkpoint, Verification verification) {
    return new Evidence(
        verification.outcome().name().toLowerCase(Locale.ROOT),
        about,
        size,
        checkpoint == null ? null : checkpoint.origin() + ", " + checkpoint.size() + " entries",
        verification.tampered(),
        verification.missing());
  }

  /** Prints it and gives the exit code that says it. */
  static ExitCode print(
      Console console,
      OutputFormat format,
      String about,
      long size,
      String unit,
      @Nullable Checkpoint checkpoint,
      Verification verification) {
    Evidence found = of(about, size, checkpoint, verification);
    if (format == OutputFormat.TABLE) {
      String signed = found.checkpoint() == null ? "" : ", signed by " + found.checkpoint();
      console.data(
          Printable.of(
              found.result() + ": " + about + ", " + Figures.count(size) + " " + unit + signed));
      found.tampered().forEach(text -> console.data(Printable.of("  tampered: " + text)));
      found.missing().forEach(text -> console.data(Printable.of("  missing: " + text)));
    } else {
      ListPrinter<Evidence> list =
          new ListPrinter<>(
              console,
              format,
              List.of(),
              List.of(
                  Column.text("result", Evidence::result),
                  Column.text("about", Evidence::about),
                  Column.number("size", Evidence::size),
                  Column.text("checkpoint", Evidence::checkpoint),
                  Column.text("tampered", one -> String.join("; ", one.tampered())),
                  Column.text("missing", one -> String.join("; ", one.missing()))));
      list.print(found);
      list.finish();
    }
    return verification.outcome() == Outcome.INTACT
        ? ExitCode.COMPLETE
        : verification.outcome() == Outcome.TAMPERED ? ExitCode.DIFFERENT : ExitCode.UNVERIFIED;
  }
}
