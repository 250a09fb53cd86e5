package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.server.cli.CommandRun.Result;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What goes to stdout and stderr: progress, lists, a reader that goes away. */
class ConsoleTest {
  private record Item(String name, Long number) {}

  private static final List<Column<Item>> COLUMNS =
      List.of(Column.text("name", Item::name), Column.number("number", Item::number));

  @Test
  void progressOnATerminalIsWrittenOverAndGoneBeforeTheNextLine() {
    TestConsole test = new TestConsole(true);
    AtomicLong nanos = new AtomicLong();
    ScanProgress progress = new ScanProgress(test.console(), nanos::get);
    progress.found();
    progress.reading("a\u001b[2J");
    assertThat(test.err()).isEmpty();
    nanos.addAndGet(250_000_000);
    progress.completed(2048);
    assertThat(test.err()).isEqualTo("\r\u001b[K1 of 1 file, 2.0 KiB  a\\u001b[2J");
    test.console().say("next");
    assertThat(test.err()).endsWith("\r\u001b[Knext\n");
    assertThat(test.out()).isEmpty();
  }

  @Test
  void progressElsewhereIsALineEveryTenSeconds() {
    TestConsole test = new TestConsole(false);
    AtomicLong nanos = new AtomicLong();
    ScanProgress progress = new ScanProgress(test.console(), nanos::get);
    for (int second = 0; second < 25; second++) {
      nanos.addAndGet(1_000_000_000);
      progress.found();
      progress.completed(1);
    }
    assertThat(test.err()).isEqualTo("9 of 10 files, 9 B\n19 of 20 files, 19 B\n");
  }

  @Test
  void tableIsAsWideAsItsRowsAndNumbersStandToTheRight() {
    assertThat(printed(OutputFormat.TABLE, new Item("é😀", 7L), new Item("longer", 1234L)))
        .isEqualTo("NAME    NUMBER\né😀           7\nlonger    1234\n");
    assertThat(printed(OutputFormat.TABLE, new Item("alone", null)))
        .isEqualTo("NAME   NUMBER\nalone\n");
    assertThat(printed(OutputFormat.TABLE)).isEmpty();
  }

  @Test
  void longListIsPrintedBeforeItsEnd() {
    TestConsole test = new TestConsole(false);
    ListPrinter<Item> list =
        new ListPrinter<>(test.console(), OutputFormat.TABLE, COLUMNS, COLUMNS);
    for (int i = 0; i < 1_000; i++) {
      list.print(new Item("x", 1L));
    }
    assertThat(test.out().lines()).hasSize(1_001);
    list.print(new Item("wider than those before", 1L));
    list.finish();
    assertThat(test.out().lines())
        .hasSize(1_002)
        .last()
        .isEqualTo("wider than those before       1");
  }

  @Test
  void csvQuotesWhatNeedsItAndDefusesFormulas() {
    assertThat(
            printed(
                OutputFormat.CSV,
                new Item("a,b", 1L),
                new Item("say \"x\"\n", null),
                new Item("@SUM", 2L),
                new Item("-1", 3L)))
        .isEqualTo("name,number\n\"a,b\",1\n\"say \"\"x\"\"\n\",\n'@SUM,2\n'-1,3\n");
    assertThat(printed(OutputFormat.CSV)).isEqualTo("name,number\n");
  }

  @Test
  void jsonIsADocumentAndJsonlADocumentALine() {
    Item one = new Item("a", 1L);
    assertThat(printed(OutputFormat.JSON, one, one))
        .isEqualTo("[{\"name\":\"a\",\"number\":1}\n,{\"name\":\"a\",\"number\":1}\n]\n");
    assertThat(printed(OutputFormat.JSON)).isEqualTo("[]\n");
    assertThat(printed(OutputFormat.JSONL, one)).isEqualTo("{\"name\":\"a\",\"number\":1}\n");
    assertThat(printed(OutputFormat.JSONL)).isEmpty();
  }

  @Test
  void readerThatGoesAwayEndsTheCommandQuietly() {
    OutputStream gone =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    TestConsole err = new TestConsole(false);
    Console console =
        new Console(
            new PrintStream(gone, false, StandardCharsets.UTF_8),
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
            false,
            false,
            false);
    assertThatThrownBy(() -> console.data("x")).isInstanceOf(Console.BrokenPipe.class);
    assertThat(new CommandErrors(err.console()).report(new Console.BrokenPipe()))
        .isEqualTo(ExitCode.BROKEN_PIPE);
    assertThat(err.err()).isEmpty();
  }

  @Test
  void unexpectedErrorIsALineAndNoStackTrace() {
    TestConsole test = new TestConsole(false);
    ExitCode code =
        new CommandErrors(test.console()).report(new IllegalStateException("first\nsecond"));
    assertThat(code).isEqualTo(ExitCode.INCOMPLETE);
    assertThat(test.err()).isEqualTo("audit: failed: first\n");
  }

  @Test
  void misspeltCommandIsGuessed() {
    Result result = new CommandRun().run("scna");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("scna", "audit scan", "Try `audit --help`.");
    assertThat(result.out()).isEmpty();
  }

  private static String printed(OutputFormat format, Item... items) {
    TestConsole test = new TestConsole(false);
    ListPrinter<Item> list = new ListPrinter<>(test.console(), format, COLUMNS, COLUMNS);
    for (Item item : items) {
      list.print(item);
    }
    list.finish();
    return test.out();
  }
}
