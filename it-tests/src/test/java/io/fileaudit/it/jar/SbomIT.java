package io.fileaudit.it.jar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The list of what the executable jar is made of, held against the jar itself. */
class SbomIT {
  private static final String PLACE = "META-INF/sbom/application.cdx.json";
  private static final String LIBRARIES = "BOOT-INF/lib/";

  private JarFile jar;
  private JsonNode sbom;

  /** By the name that the component's jar has in the executable one. */
  private Map<String, JsonNode> components;

  @BeforeEach
  void read() throws IOException {
    jar = new JarFile(System.getProperty("audit.jar"));
    try (InputStream text = jar.getInputStream(jar.getEntry(PLACE))) {
      sbom = JsonMapper.shared().readTree(text);
    }
    components = new TreeMap<>();
    sbom.get("components")
        .forEach(component -> assertThat(components.put(fileOf(component), component)).isNull());
  }

  @AfterEach
  void close() throws IOException {
    jar.close();
  }

  @Test
  void itIsCycloneDxAndOfThisService() throws IOException {
    assertThat(sbom.get("bomFormat").stringValue()).isEqualTo("CycloneDX");
    assertThat(sbom.get("specVersion").stringValue()).isEqualTo("1.6");
    assertThat(sbom.at("/metadata/component/name").stringValue()).isEqualTo("audit-server");
    assertThat(sbom.at("/metadata/component/version").stringValue())
        .isEqualTo(jar.getManifest().getMainAttributes().getValue("Implementation-Version"));
    assertThat(jar.getManifest().getMainAttributes().getValue("Sbom-Location")).isEqualTo(PLACE);
  }

  @Test
  void itNamesEveryLibraryWithItsBytesAndItsLicence() throws Exception {
    assertThat(libraries()).hasSizeGreaterThan(50);
    for (String library : libraries()) {
      JsonNode component = components.get(library);
      assertThat(component).as(library).isNotNull();
      assertThat(sha256(component)).as(library).isEqualTo(sha256(LIBRARIES + library));
      assertThat(component.get("version").stringValue()).as(library).isNotBlank();
      assertThat(component.at("/licenses/0").isObject()).as("licence of " + library).isTrue();
    }
  }

  /** Starters hold nothing: they only name others, and what depends on what goes through them. */
  @Test
  void itNamesNothingElseThatHoldsAnything() throws IOException {
    Set<String> others = new TreeSet<>(components.keySet());
    others.removeAll(libraries());
    for (String other : others) {
      try (JarFile starter = new JarFile(onTheClassPath(other))) {
        assertThat(starter.getManifest().getMainAttributes().getValue("Spring-Boot-Jar-Type"))
            .as(other)
            .isEqualTo("dependencies-starter");
      }
    }
  }

  @Test
  void everyDependencyIsOneThatItNames() {
    Set<String> named = new TreeSet<>();
    named.add(sbom.at("/metadata/component/bom-ref").stringValue());
    components.values().forEach(component -> named.add(component.get("bom-ref").stringValue()));
    Set<String> used = new TreeSet<>();
    for (JsonNode dependency : sbom.get("dependencies")) {
      used.add(dependency.get("ref").stringValue());
      dependency.path("dependsOn").forEach(other -> used.add(other.stringValue()));
    }
    assertThat(used).isEqualTo(named);
  }

  /** Else two builds of the same sources would differ. */
  @Test
  void itHoldsNeitherATimeNorANumberOfItsOwn() {
    assertThat(sbom.has("serialNumber")).isFalse();
    assertThat(sbom.get("metadata").has("timestamp")).isFalse();
  }

  private Set<String> libraries() {
    return jar.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.startsWith(LIBRARIES) && !name.equals(LIBRARIES))
        .map(name -> name.substring(LIBRARIES.length()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** As Maven names it: {@code netty-transport-4.2.18.Final-linux-x86_64.jar}. */
  private static String fileOf(JsonNode component) {
    String purl = component.get("purl").stringValue();
    String classifier =
        Arrays.stream(purl.substring(purl.indexOf('?') + 1).split("&"))
            .filter(qualifier -> qualifier.startsWith("classifier="))
            .map(qualifier -> qualifier.substring(qualifier.indexOf('=') + 1))
            .map(value -> "-" + URLDecoder.decode(value, StandardCharsets.UTF_8))
            .findFirst()
            .orElse("");
    return component.get("name").stringValue()
        + "-"
        + component.get("version").stringValue()
        + classifier
        + ".jar";
  }

  private static String sha256(JsonNode component) {
    for (JsonNode hash : component.path("hashes")) {
      if (hash.get("alg").stringValue().equals("SHA-256")) {
        return hash.get("content").stringValue();
      }
    }
    return "none";
  }

  private String sha256(String entry) throws Exception {
    try (InputStream bytes = jar.getInputStream(Objects.requireNonNull(jar.getEntry(entry)))) {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.readAllBytes()));
    }
  }

  private static String onTheClassPath(String name) {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Arrays.stream(path.split(File.pathSeparator))
        .filter(place -> place.endsWith(File.separator + name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is named and not inside"));
  }
}
