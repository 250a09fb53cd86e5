package io.fileaudit.it.crash;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A build of the service with one mistake in it: one place of one source file of this checkout
 * reads otherwise. What the place must read like is said here, so that a change of the service
 * cannot make the mistake vanish unnoticed.
 *
 * @param source the file, below the checkout
 * @param right what stands there, once
 * @param wrong what stands there instead
 */
public record Build(String source, String right, String wrong) {
  private static final String DATABASE =
      "audit-r2dbc/src/main/java/io/fileaudit/r2dbc/Database.java";
  private static final String KNOWN =
      "audit-reactive-core/src/main/java/io/fileaudit/core/ledger/Known.java";

  private static final String PLAN =
      "audit-reactive-core/src/main/java/io/fileaudit/core/ledger/CommitPlan.java";
  private static final String EVIDENCES =
      "audit-r2dbc/src/main/java/io/fileaudit/r2dbc/Evidences.java";
  private static final String FEEDS =
      "audit-reactive-core/src/main/java/io/fileaudit/core/live/Feeds.java";

  static final Build ACKNOWLEDGES_BEFORE_THE_COMMIT =
      new Build(
          DATABASE,
          "connection.commitTransaction().thenReturn(result)",
          "Mono.just(result).doOnNext(early -> connection.commitTransaction().subscribe())");

  static final Build TAKES_REPEATS_FOR_NEW =
      new Build(
          KNOWN,
          "return Arrays.equals(samePosition, canonical) ? Match.REPEAT : Match.CONFLICT;",
          "return Match.NEW;");

  static final Build DOES_NOT_WAIT_FOR_THE_DISK =
      new Build(DATABASE, "\"synchronous_commit\", \"on\"", "\"synchronous_commit\", \"off\"");

  /** A number that was given is not given back where its transaction comes to nothing. */
  static final Build NUMBERS_FROM_A_SEQUENCE =
      new Build(
          PLAN,
          """
              private void accept(Line.Readable line, @Nullable Long position) {
                Event event = line.event();
                long seq = state.nextSeq() + rows.size();
          """,
          """
              private static final Map<Object, Long> LAST =
                  new java.util.concurrent.ConcurrentHashMap<>();

              private void accept(Line.Readable line, @Nullable Long position) {
                Event event = line.event();
                long seq =
                    LAST.merge(
                        chunk.batch(), state.nextSeq(), (last, next) -> Math.max(last + 1, next));
          """);

  static final Build GOES_BY_ITS_OWN_CLOCK =
      new Build(
          EVIDENCES,
          "silentUntil(lastSign, batch),\n        batch.now());",
          "silentUntil(lastSign, batch),\n        java.time.Instant.now());");

  static final Build NOTIFIES_AND_DOES_NOT_LOOK =
      new Build(
          FEEDS,
          "boolean truth = ++pulses % PULSES_TO_TRUTH == 0;",
          "boolean truth = ++pulses < 0;");

  /** Nothing is wrong with it, though it is built and started as the others are. */
  static final Build UNCHANGED =
      new Build(DATABASE, "\"synchronous_commit\", \"on\"", "\"synchronous_commit\", \"on\"");

  /** Compiles the file against the class path of the tests and gives the folder of its classes. */
  Path compile(Path folder) throws IOException {
    return compile(folder, List.of(this));
  }

  /** The same with several places, of one file or of several. */
  public static Path compile(Path folder, List<Build> builds) throws IOException {
    Path sources = Files.createDirectories(folder.resolve("source"));
    Set<Path> changed = new LinkedHashSet<>();
    for (Build build : builds) {
      Path original = Path.of(System.getProperty("audit.checkout")).resolve(build.source);
      Path copy = sources.resolve(original.getFileName());
      Files.writeString(copy, build.change(Files.readString(changed.add(copy) ? original : copy)));
    }
    Path classes = Files.createDirectories(folder.resolve("classes"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of(
              "-d", "" + classes, "-cp", classPath(), "-proc:none", "-nowarn", "--release", "17");
      boolean done =
          compiler
              .getTask(said, files, null, options, null, files.getJavaFileObjectsFromPaths(changed))
              .call();
      if (!done) {
        throw new AssertionError("changed sources do not compile: " + said);
      }
    }
    return classes;
  }

  private String change(String text) {
    int places = text.split(Pattern.quote(right), -1).length - 1;
    if (places != 1) {
      throw new AssertionError(places + " places in " + source + " read: " + right);
    }
    return text.replace(right, wrong);
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
