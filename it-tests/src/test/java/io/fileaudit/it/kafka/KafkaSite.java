package io.fileaudit.it.kafka;

import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.BrokerProcess;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/**
 * A broker and nodes in processes of their own, over one database which the first node's home keeps
 * when the node itself is killed. Blocks.
 */
public final class KafkaSite implements AutoCloseable {
  public static final String EVENTS = "audit.file-events.v1";
  public static final String DEAD_LETTERS = "audit.file-events.dlq.v1";
  static final String STATUS = "audit.batch-status.v1";
  static final Duration PATIENCE = Duration.ofSeconds(120);

  private final Path folder;
  private final BrokerProcess broker;
  private final String servers;
  private final String clientProperties;
  private final List<AuditHome> homes = new ArrayList<>();
  private final Map<Integer, ServiceProcess> services = new HashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();

  /** A site of a broker that was started; nodes are started by {@link #serve}. */
  KafkaSite(Path folder, BrokerProcess broker) {
    this(folder, broker, broker.servers(), "");
  }

  private KafkaSite(Path folder, BrokerProcess broker, String servers, String clientProperties) {
    this.folder = folder;
    this.broker = broker;
    this.servers = servers;
    this.clientProperties = clientProperties;
  }

  /** The same where the nodes come in by TLS and with a password. */
  static KafkaSite secured(Path folder, BrokerProcess broker) {
    return new KafkaSite(folder, broker, broker.securedServers(), broker.clientProperties());
  }

  /** Clients of loaders and readers, which come in as the nodes do. */
  KafkaTraffic traffic() throws Exception {
    return new KafkaTraffic(servers, clientProperties);
  }

  BrokerProcess broker() {
    return broker;
  }

  /** Starts a node, or starts it again; node 0 has the database and comes first. */
  ServiceProcess serve(int node) throws Exception {
    while (homes.size() <= node) {
      homes.add(new AuditHome(Files.createDirectories(folder.resolve("node-" + homes.size()))));
    }
    Map<String, String> variables = new HashMap<>();
    variables.put("AUDIT_NODE", "node-" + node);
    variables.put("AUDIT_KAFKA", servers);
    variables.put("AUDIT_KAFKA_PROPERTIES", properties().toString());
    if (node > 0) {
      AuditHome first = homes.get(0);
      variables.put("AUDIT_ADMIN_KEY_FILE", first.data().resolve("admin.key").toString());
      variables.put("AUDIT_DB", first.cluster().url("audit_service", first.cluster().port()));
      variables.put("AUDIT_DB_OWNER", first.cluster().url("audit_owner", first.cluster().port()));
    }
    ServiceProcess service = homes.get(node).serve(variables);
    services.put(node, service);
    return service;
  }

  /** A node that was killed is missed soon, and the brokers' own properties are added. */
  private Path properties() throws IOException {
    return Files.writeString(
        folder.resolve("client.properties"),
        "session.timeout.ms=6000\nheartbeat.interval.ms=1000\n" + clientProperties);
  }

  ServiceProcess service(int node) {
    return services.get(node);
  }

  AuditHome home() {
    return homes.get(0);
  }

  /** A client of a node. */
  AuditCalls client(int node) throws IOException {
    return AuditClient.builder().url(service(node).url()).key(home().key()).calls();
  }

  /** The answer of a health endpoint of a node. */
  HttpResponse<String> health(int node, String group) throws IOException, InterruptedException {
    String address = managementAddress(node);
    return http.send(
        HttpRequest.newBuilder(URI.create(address + "/actuator/health/" + group))
            .timeout(Duration.ofSeconds(10))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String managementAddress(int node) {
    String said = service(node).said();
    int at = said.indexOf("health     ");
    int from = said.indexOf("http", at);
    return said.substring(from, said.indexOf("/actuator", from));
  }

  /** Waits for a condition, looking again and again. */
  static void await(String what, Callable<Boolean> condition) {
    Awaitility.await(what).atMost(PATIENCE).ignoreExceptions().until(condition);
  }

  @Override
  public void close() {
    for (int i = homes.size() - 1; i >= 0; i--) {
      homes.get(i).close();
    }
    broker.close();
  }
}
