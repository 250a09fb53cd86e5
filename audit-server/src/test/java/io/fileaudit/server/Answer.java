package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.AuditJson;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** What a node answered. */
record Answer(int status, HttpHeaders headers, String body) {
  /** An answer as it came over the connection; its body is not chunked. */
  static Answer read(String text) {
    int end = text.indexOf("\r\n\r\n");
    assertThat(text).startsWith("HTTP/1.1 ");
    Map<String, List<String>> headers =
        text.substring(0, end)
            .lines()
            .skip(1)
            .map(line -> line.split(": ", 2))
            .collect(Collectors.toMap(header -> header[0], header -> List.of(header[1])));
    return new Answer(
        Integer.parseInt(text.substring(9, 12)),
        HttpHeaders.of(headers, (name, value) -> true),
        text.substring(end + 4));
  }

  /** The value of a header, empty where it is not there. */
  String header(String name) {
    return headers.firstValue(name).orElse("");
  }

  JsonNode json() {
    return AuditJson.lenient().readTree(body);
  }

  /** A member of the JSON body as text, by JSON pointer. */
  String at(String pointer) {
    return json().at(pointer).asString();
  }

  /** The members of that name of the items of a page. */
  List<String> items(String member) {
    return StreamSupport.stream(json().at("/items").spliterator(), false)
        .map(item -> item.at("/" + member).asString())
        .toList();
  }

  /** Fails unless this is a problem of that status and type. */
  Answer isProblem(int expectedStatus, String slug) {
    assertThat(status).as("status of %s", this).isEqualTo(expectedStatus);
    assertThat(header("Content-Type")).as("form of %s", this).isEqualTo("application/problem+json");
    assertThat(at("/type")).as("type of %s", this).isEqualTo("/problems/" + slug);
    assertThat(json().at("/status").asInt()).as("status in %s", this).isEqualTo(expectedStatus);
    assertThat(at("/title")).as("title of %s", this).isNotEmpty();
    assertThat(at("/detail")).as("detail of %s", this).isNotEmpty();
    return this;
  }

  /** Fails unless this has that status. */
  Answer is(int expectedStatus) {
    assertThat(status).as("status of %s", this).isEqualTo(expectedStatus);
    return this;
  }
}
