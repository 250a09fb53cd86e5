package io.fileaudit.it.process;

import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A data directory of one test, and the {@code audit} commands and services that run on it. Closing
 * ends all of them and the database that they started; so does the end of this JVM.
 */
public final class AuditHome implements AutoCloseable {
  /** The program that runs these tests runs the services, too. */
  static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final String MAIN = "io.fileaudit.server.cli.AuditCommand";

  private static final List<String> COMMAND =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  /** What the launcher and the image give their services. */
  private static final Path OPTIONS =
      Path.of(System.getProperty("basedir", ""), "..", "deploy", "service.options")
          .toAbsolutePath()
          .normalize();

  /** No service of a test lives long enough for the second compiler to pay. */
  private static final List<String> SERVE =
      List.of("-XX:+UseG1GC", "-XX:TieredStopAtLevel=1", "-Dio.netty.jfr.enabled=false");

  private final List<String> serveOptions;
  private final @Nullable Prepared prepared;
  private final String jar;
  private final Path folder;
  private final Path data;
  private final Cluster cluster;
  private final List<Process> started = new ArrayList<>();
  private final AtomicInteger number = new AtomicInteger();
  private final Thread atExit = new Thread(this::endAll, "ending processes");
  private @Nullable ServiceProcess service;
  private @Nullable Path before;

  /**
   * A home in a folder of the test's own; nothing is started yet. Its first service finds a
   * database of its own, which was made before, and makes its key.
   */
  public AuditHome(Path folder) throws IOException, InterruptedException {
    this(folder, SERVE, Prepared.get());
  }

  private AuditHome(Path folder, List<String> serveOptions, Prepared prepared) {
    this(folder, serveOptions, prepared, prepared.jar());
  }

  private AuditHome(
      Path folder, List<String> serveOptions, @Nullable Prepared prepared, String jar) {
    this.serveOptions = serveOptions;
    this.prepared = prepared;
    this.jar = jar;
    this.folder = folder;
    this.data = folder.resolve("data");
    this.cluster = new Cluster(data);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** A home whose first service starts from nothing but the executable archive. */
  public static AuditHome fromNothing(Path folder) {
    return new AuditHome(folder, SERVE, null, exec());
  }

  /**
   * The same with the options that {@code ./audit serve} gives its services, for benchmarks; {@code
   * -Daudit.bench.java} adds others.
   */
  public static AuditHome asLaunched(Path folder) {
    return new AuditHome(folder, launched(), null, exec());
  }

  /** The same with a service in which these classes stand before those of the same names. */
  public static AuditHome asLaunched(Path folder, Path classes)
      throws IOException, InterruptedException {
    AuditHome home = new AuditHome(folder, launched(), null, Prepared.get().jar());
    home.putBefore(classes);
    return home;
  }

  private static List<String> launched() {
    List<String> options = new ArrayList<>(List.of("@" + OPTIONS));
    options.addAll(List.of(System.getProperty("audit.bench.java", "-Xmx512m").split(" ")));
    return options;
  }

  /** A home for services of that jar, with one more option for Java. */
  static AuditHome rehearsal(Path folder, String jar, String option) {
    List<String> options = new ArrayList<>(SERVE);
    options.add(option);
    return new AuditHome(folder, options, null, jar);
  }

  /** The executable archive. */
  static String exec() {
    return System.getProperty("audit.jar");
  }

  /** The service's data directory. */
  public Path data() {
    return data;
  }

  /** The embedded database in the data directory. */
  public Cluster cluster() {
    return cluster;
  }

  /** From the next start on these classes stand before those of the same names in the jar. */
  public void putBefore(@Nullable Path classes) {
    before = classes;
  }

  /** Starts {@code audit serve} on free ports and waits until it says where it serves. */
  public ServiceProcess serve(String... options) throws IOException, InterruptedException {
    return serve(Map.of(), options);
  }

  /** The same with further variables in its environment. */
  public ServiceProcess serve(Map<String, String> variables, String... options)
      throws IOException, InterruptedException {
    Map<String, String> all = new HashMap<>(variables);
    if (prepared != null && !all.containsKey("AUDIT_DB") && !List.of(options).contains("--db")) {
      prepared.copyDatabaseInto(data);
    }
    all.putIfAbsent("AUDIT_PORT", "0");
    all.putIfAbsent("AUDIT_MANAGEMENT_PORT", "0");
    ProcessBuilder builder =
        java(serveOptions, folder, all, "serve", options).redirectErrorStream(true);
    service = ServiceProcess.await(keep(builder.start()));
    return service;
  }

  /** Runs a command to its end, against the service last started. */
  public CommandRun.Result run(String command, String... arguments)
      throws IOException, InterruptedException {
    return run(Map.of(), command, arguments);
  }

  /** The same with further variables in its environment. */
  public CommandRun.Result run(Map<String, String> variables, String command, String... arguments)
      throws IOException, InterruptedException {
    return start(folder, variables, command, arguments).finish();
  }

  /** Starts a command in that directory, against the service last started. */
  public CommandRun start(
      Path directory, Map<String, String> variables, String command, String... arguments)
      throws IOException {
    Map<String, String> all = new HashMap<>();
    if (service != null) {
      all.put("AUDIT_URL", service.url());
    }
    all.putAll(variables);
    Path out = folder.resolve("out-" + number.incrementAndGet());
    Path err = folder.resolve("err-" + number.get());
    ProcessBuilder builder =
        java(COMMAND, directory, all, command, arguments)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    return new CommandRun(keep(builder.start()), out, err);
  }

  /** How a command begins that a test starts by itself; the command and its arguments follow. */
  public List<String> commandLine(String... options) {
    return line(List.of(options));
  }

  /** What such a command needs in its environment to find the service last started. */
  public Map<String, String> variables() {
    Map<String, String> variables = new HashMap<>();
    variables.put("AUDIT_DATA", data.toString());
    if (service != null) {
      variables.put("AUDIT_URL", service.url());
    }
    return variables;
  }

  /** A client of the service last started, with the key of the data directory. */
  public AuditCalls client() throws IOException {
    return client(null);
  }

  /** The same for one namespace. */
  public AuditCalls client(@Nullable String namespace) throws IOException {
    if (service == null) {
      throw new IllegalStateException("no service was started");
    }
    return AuditClient.builder().url(service.url()).key(key()).namespace(namespace).calls();
  }

  /** The admin key that the service left in the data directory. */
  public String key() throws IOException {
    return Files.readString(data.resolve("admin.key")).strip();
  }

  private ProcessBuilder java(
      List<String> options,
      Path directory,
      Map<String, String> variables,
      String command,
      String... arguments) {
    List<String> line = line(options);
    line.add(command);
    line.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(line).directory(directory.toFile());
    // Whoever runs the tests may have settings of their own.
    builder.environment().keySet().removeIf(name -> name.startsWith("AUDIT_"));
    builder.environment().put("AUDIT_DATA", data.toString());
    builder.environment().putAll(variables);
    return builder;
  }

  private List<String> line(List<String> options) {
    List<String> line = new ArrayList<>(List.of(JAVA));
    if (before != null) {
      line.addAll(options);
      line.addAll(List.of("-cp", before + File.pathSeparator + jar, MAIN));
      return line;
    }
    line.addAll(prepared == null ? List.of("-Xshare:auto") : prepared.options());
    line.addAll(options);
    line.addAll(List.of("-jar", jar));
    return line;
  }

  private synchronized Process keep(Process process) {
    started.add(process);
    return process;
  }

  private synchronized void endAll() {
    for (Process process : started) {
      Ends.of(process.toHandle());
    }
    cluster.stop();
  }

  @Override
  public void close() {
    endAll();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
