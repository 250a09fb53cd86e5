package io.fileaudit.it.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker that runs in a process of its own, which can be killed and started again on the
 * same data and ports. Topics have to be made. Closing ends it; so does the end of this JVM.
 */
public final class BrokerProcess implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);
  private static final String STARTED = "Kafka Server started";
  private static final String PASSWORD = "changeit";
  private static final String LOGGING =
      """
      <configuration>
        <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>%d %-5level %logger{0} %msg%n</pattern></encoder>
        </appender>
        <root level="INFO"><appender-ref ref="OUT"/></root>
      </configuration>
      """;

  private final Path folder;
  private final int port = freePort();
  private final int controllerPort = freePort();
  private final int securePort = freePort();
  private final Thread atExit = new Thread(this::kill, "ending a broker");
  private boolean secure;
  private int starts;
  private volatile @Nullable Process process;

  /** A broker with its data in that folder; nothing is started yet. */
  public BrokerProcess(Path folder) {
    this.folder = folder;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Lets it also listen where TLS is spoken and a password is asked for; before its first start.
   */
  public BrokerProcess secured() throws IOException, InterruptedException {
    Files.createDirectories(folder);
    keytool("-genkeypair -keyalg RSA -dname CN=broker -ext san=ip:127.0.0.1");
    keytool("-exportcert -rfc -file " + certificate().getFileName());
    secure = true;
    return this;
  }

  private void keytool(String command) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(program("keytool")));
    line.addAll(List.of(command.split(" ")));
    line.addAll(List.of("-alias", "broker", "-keystore", keys().toString()));
    line.addAll(List.of("-storepass", PASSWORD));
    run(line, folder.resolve("keytool.log"));
  }

  private Path keys() {
    return folder.resolve("broker.p12");
  }

  private Path certificate() {
    return folder.resolve("broker.pem");
  }

  /** Starts it and waits until it serves. */
  public BrokerProcess start() throws IOException, InterruptedException {
    Path settings = folder.resolve("server.properties");
    if (!Files.exists(settings)) {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("logback.xml"), LOGGING);
      write(settings);
      run(
          java(
              "kafka.tools.StorageTool",
              "format",
              "--standalone",
              "--cluster-id",
              clusterId(),
              "--config",
              settings.toString()),
          folder.resolve("format.log"));
    }
    Path log = folder.resolve("broker-" + ++starts + ".log");
    Process started = begin(java("kafka.Kafka", settings.toString()), log);
    process = started;
    boolean said =
        Ends.holdsSoon(
            started.toHandle(), () -> !started.isAlive() || read(log).contains(STARTED), START);
    if (!said || !started.isAlive()) {
      throw new IllegalStateException("the broker did not start; it said:\n" + read(log));
    }
    return this;
  }

  /**
   * A random UUID in Base64 whose first bit is clear: none begins with a dash, as an option does.
   */
  private static String clusterId() {
    UUID id = UUID.randomUUID();
    byte[] bytes =
        ByteBuffer.allocate(16)
            .putLong(id.getMostSignificantBits() & Long.MAX_VALUE)
            .putLong(id.getLeastSignificantBits())
            .array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(Path settings) throws IOException {
    Properties properties = new Properties();
    String plain = "PLAIN://127.0.0.1:" + port;
    String controller = "CONTROLLER://127.0.0.1:" + controllerPort;
    String secured = secure ? ",SECURE://127.0.0.1:" + securePort : "";
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", "1");
    properties.put("listeners", plain + "," + controller + secured);
    properties.put("advertised.listeners", plain + secured);
    properties.put(
        "listener.security.protocol.map", "PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL");
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put("inter.broker.listener.name", "PLAIN");
    properties.put("controller.quorum.bootstrap.servers", "127.0.0.1:" + controllerPort);
    properties.put("log.dirs", folder.resolve("data").toString());
    properties.put("auto.create.topics.enable", "false");
    properties.put("default.replication.factor", "1");
    properties.put("group.initial.rebalance.delay.ms", "0");
    properties.put("group.min.session.timeout.ms", "1000");
    for (String inner : List.of("offsets.topic", "transaction.state.log")) {
      properties.put(inner + ".num.partitions", "1");
      properties.put(inner + ".replication.factor", "1");
    }
    properties.put("transaction.state.log.min.isr", "1");
    if (secure) {
      String listener = "listener.name.secure.";
      properties.put(listener + "ssl.keystore.type", "PKCS12");
      properties.put(listener + "ssl.keystore.location", keys().toString());
      properties.put(listener + "ssl.keystore.password", PASSWORD);
      properties.put(listener + "sasl.enabled.mechanisms", "PLAIN");
      properties.put(
          listener + "plain.sasl.jaas.config",
          "org.apache.kafka.common.security.plain.PlainLoginModule required"
              + " user_audit=\""
              + PASSWORD
              + "\";");
    }
    try (var writer = Files.newBufferedWriter(settings)) {
      properties.store(writer, null);
    }
  }

  private List<String> java(String main, String... arguments) {
    List<String> line = new ArrayList<>();
    line.add(program("java"));
    line.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    line.add("-Dlogback.configurationFile=" + folder.resolve("logback.xml"));
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    line.addAll(List.of(arguments));
    return line;
  }

  private static String program(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  private Process begin(List<String> line, Path log) throws IOException {
    return new ProcessBuilder(line)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private void run(List<String> line, Path log) throws IOException, InterruptedException {
    Process run = begin(line, log);
    process = run;
    if (!run.waitFor(START.toSeconds(), TimeUnit.SECONDS) || run.exitValue() != 0) {
      throw new IllegalStateException(line.get(0) + " failed; it said:\n" + read(log));
    }
  }

  /** Where it serves whoever comes, as in {@code 127.0.0.1:9092}. */
  public String servers() {
    return "127.0.0.1:" + port;
  }

  /** Where it speaks TLS and asks for a password. */
  public String securedServers() {
    return "127.0.0.1:" + securePort;
  }

  /** The text of a properties file with which clients are let in there. */
  public String clientProperties() {
    return """
        security.protocol=SASL_SSL
        sasl.mechanism=PLAIN
        sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
          username="audit" password="%s";
        ssl.truststore.type=PEM
        ssl.truststore.location=%s
        """
        .formatted(PASSWORD, certificate());
  }

  /** As kill -9 does: nothing of its shutdown runs. Returns when it is gone. */
  public void kill() {
    Process present = process;
    if (present != null) {
      Ends.of(present.toHandle());
    }
  }

  @Override
  public void close() {
    kill();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
