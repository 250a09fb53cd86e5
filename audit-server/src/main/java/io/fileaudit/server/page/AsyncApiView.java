package io.fileaudit.server.page;

import io.fileaudit.api.json.AuditJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.HtmlUtils;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Shows an AsyncAPI document to people as one HTML page: channels with what goes through them, then
 * the schemas. It knows as much of AsyncAPI as the service's own document uses; all text is
 * escaped.
 */
final class AsyncApiView {
  private static final String SCHEMAS = "#/components/schemas/";

  private final Map<String, Object> document;
  private final StringBuilder html = new StringBuilder(64 * 1024);

  /** A view of a document that was read from YAML. */
  private AsyncApiView(Map<String, Object> document) {
    this.document = document;
  }

  /** The part of the page between its heading and its end, for a document in YAML. */
  static String html(String yaml) {
    Map<String, Object> document = new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
    AsyncApiView view = new AsyncApiView(document);
    view.write();
    return view.html.toString();
  }

  private void write() {
    html.append("<p>").append(prose(at(document, "info"), "description")).append("</p>\n");
    Map<String, Object> channels = at(document, "channels");
    html.append("<nav><ul>\n");
    channels.forEach(
        (name, channel) ->
            html.append("<li><a href=\"#channel-%s\">".formatted(text(name)))
                .append(text(object(channel).get("title")))
                .append("</a></li>\n"));
    html.append("<li><a href=\"#schemas\">Schemas</a></li>\n</ul></nav>\n");
    channels.forEach((name, channel) -> channel(name, object(channel)));
    html.append("<h2 id=\"schemas\">Schemas</h2>\n");
    at(at(document, "components"), "schemas")
        .forEach((name, schema) -> schema(name, object(schema)));
  }

  private void channel(String name, Map<String, Object> channel) {
    html.append("<section>\n<h2 id=\"channel-%s\">".formatted(text(name)))
        .append(text(channel.get("title")))
        .append("</h2>\n<dl>\n");
    Object address = channel.get("address");
    if (address != null) {
      entry("address", "<code>" + text(address) + "</code>");
    }
    for (Object server : list(channel.get("servers"))) {
      entry("by", text(at(resolved(object(server)), "protocol", "")));
    }
    at(document, "operations")
        .values()
        .forEach(operation -> operation("#/channels/" + name, object(operation)));
    html.append("</dl>\n<p>").append(prose(channel, "description")).append("</p>\n");
    at(channel, "messages").values().forEach(message -> message(resolved(object(message))));
    html.append("</section>\n");
  }

  private void operation(String channel, Map<String, Object> operation) {
    if (!channel.equals(at(operation, "channel").get("$ref"))) {
      return;
    }
    entry("the service", text(operation.get("action") + "s"));
    Map<String, Object> http = at(at(operation, "bindings"), "http");
    if (http.get("method") != null) {
      entry("method", text(http.get("method")));
    }
    if (http.get("query") != null) {
      entry("query", type(at(http, "query")));
    }
  }

  private void entry(String term, String description) {
    html.append("<dt>").append(term).append("</dt><dd>").append(description).append("</dd>\n");
  }

  private void message(Map<String, Object> message) {
    html.append("<h3>").append(text(message.get("title"))).append("</h3>\n");
    html.append("<p>").append(prose(message, "summary")).append("</p>\n<dl>\n");
    entry("name", "<code>" + text(message.get("name")) + "</code>");
    Object contentType = message.getOrDefault("contentType", document.get("defaultContentType"));
    entry("content", "<code>" + text(contentType) + "</code>");
    if (message.containsKey("headers")) {
      entry("headers", type(at(message, "headers")));
    }
    entry("payload", type(at(message, "payload")));
    html.append("</dl>\n");
    for (Object each : list(message.get("examples"))) {
      Map<String, Object> example = object(each);
      Map<String, Object> shown = new LinkedHashMap<>(example);
      shown.keySet().retainAll(List.of("headers", "payload"));
      html.append("<details><summary>Example: ")
          .append(text(example.getOrDefault("summary", example.getOrDefault("name", ""))))
          .append("</summary><pre>")
          .append(text(json(shown)))
          .append("</pre></details>\n");
    }
  }

  private static String json(Object value) {
    return AuditJson.lenient().writerWithDefaultPrettyPrinter().writeValueAsString(value);
  }

  private void schema(String name, Map<String, Object> schema) {
    html.append("<section>\n<h3 id=\"schema-%1$s\">%1$s</h3>\n<p>".formatted(text(name)))
        .append(prose(schema, "description"))
        .append("</p>\n");
    List<Map<String, Object>> parts = new ArrayList<>(List.of(schema));
    list(schema.get("allOf")).forEach(part -> parts.add(object(part)));
    StringBuilder rows = new StringBuilder();
    for (Map<String, Object> part : parts) {
      if (part.containsKey("$ref")) {
        html.append("<p>All of ").append(type(part)).append(", and:</p>\n");
      }
      rows("", part, rows);
    }
    if (rows.isEmpty()) {
      html.append("<p>").append(type(schema)).append("</p>\n</section>\n");
      return;
    }
    html.append("<div class=\"scrolling\"><table>\n<thead><tr><th>field</th><th>what it is</th>")
        .append("<th>needed</th><th></th></tr></thead>\n<tbody>\n")
        .append(rows)
        .append("</tbody>\n</table></div>\n</section>\n");
  }

  private void rows(String above, Map<String, Object> schema, StringBuilder rows) {
    List<?> required = list(schema.get("required"));
    at(schema, "properties")
        .forEach(
            (name, member) -> {
              Map<String, Object> field = object(member);
              rows.append("<tr><td><code>")
                  .append(text(above + name))
                  .append("</code></td><td>")
                  .append(type(field))
                  .append("</td><td>")
                  .append(required.contains(name) ? "yes" : "")
                  .append("</td><td>")
                  .append(prose(field, "description"))
                  .append("</td></tr>\n");
              rows(above + name + ".", field, rows);
            });
  }

  /** What a value may be, in a few words; a schema that has a name leads to it. */
  private static String type(Map<String, Object> schema) {
    if (schema.get("$ref") instanceof String reference) {
      String name = reference.substring(reference.lastIndexOf('/') + 1);
      return reference.startsWith(SCHEMAS)
          ? "<a href=\"#schema-%1$s\">%1$s</a>".formatted(text(name))
          : text(name);
    }
    if (schema.containsKey("oneOf")) {
      return list(schema.get("oneOf")).stream()
          .map(one -> type(object(one)))
          .collect(Collectors.joining(" or "));
    }
    if (schema.containsKey("const")) {
      return "<code>" + text(schema.get("const")) + "</code>";
    }
    if (schema.containsKey("enum")) {
      return list(schema.get("enum")).stream()
          .map(word -> "<code>" + text(word) + "</code>")
          .collect(Collectors.joining(", "));
    }
    Object type = schema.getOrDefault("type", "anything");
    String words =
        type instanceof List<?> several
            ? several.stream().map(String::valueOf).collect(Collectors.joining(" or "))
            : String.valueOf(type);
    String items = schema.containsKey("items") ? " of " + type(at(schema, "items")) : "";
    Object detail = schema.getOrDefault("pattern", schema.get("format"));
    return text(words) + items + (detail == null ? "" : " <small>" + text(detail) + "</small>");
  }

  private Map<String, Object> resolved(Map<String, Object> object) {
    if (!(object.get("$ref") instanceof String reference)) {
      return object;
    }
    Map<String, Object> found = document;
    for (String name : reference.substring("#/".length()).split("/", -1)) {
      found = at(found, name);
    }
    return resolved(found);
  }

  /** A text for people, in which what stands between backquotes is code. */
  private static String prose(Map<String, Object> object, String name) {
    return text(at(object, name, "")).replaceAll("`([^`]*)`", "<code>$1</code>");
  }

  private static Object at(Map<String, Object> object, String name, Object otherwise) {
    return object.getOrDefault(name, otherwise);
  }

  private static Map<String, Object> at(Map<String, Object> object, String name) {
    return object(object.get(name));
  }

  @SuppressWarnings("unchecked") // the document has no names but strings
  private static Map<String, Object> object(@Nullable Object value) {
    return value instanceof Map ? (Map<String, Object>) value : Map.of();
  }

  private static List<?> list(@Nullable Object value) {
    return value instanceof List<?> list ? list : List.of();
  }

  private static String text(@Nullable Object value) {
    return HtmlUtils.htmlEscape(String.valueOf(value), "UTF-8");
  }
}
