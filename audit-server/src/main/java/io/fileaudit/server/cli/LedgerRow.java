package io.fileaudit.server.cli;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import io.fileaudit.api.json.AuditJson;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A row of a ledger.
 *
 * @param text as it is stored, which is how it is printed as JSON
 * @param json the same, read
 */
record LedgerRow(@JsonValue @JsonRawValue String text, JsonNode json) {
  private static final int SHOWN_NUMBER = 6;

  static final List<Column<LedgerRow>> CSV =
      List.of(
          Column.number("seq", row -> row.text("/seq")),
          Column.text("recorded_at", row -> row.text("/recorded_at")),
          Column.number("run", row -> row.text("/run")),
          Column.text("type", row -> row.text("/event/type")),
          Column.text("file", row -> row.text("/event/file")),
          Column.number("attempt", row -> row.text("/event/attempt")),
          Column.number("rows", row -> row.text("/event/rows")),
          Column.number("rejected_rows", row -> row.text("/event/rejected_rows")),
          Column.number("bytes", row -> row.text("/event/bytes")),
          Column.text("checksum", row -> row.text("/event/checksum")),
          Column.text("error_code", row -> row.text("/event/error/code")),
          Column.text("error_message", row -> row.text("/event/error/message")),
          Column.text("producer", row -> row.text("/producer")),
          Column.number("position", row -> row.text("/position")),
          Column.text("status", row -> row.text("/verdict/status")),
          Column.text("reason", row -> row.text("/verdict/reason")));

  static LedgerRow of(String text) {
    return new LedgerRow(text, AuditJson.lenient().readTree(text));
  }

  /** Its number. */
  long seq() {
    return json.at("/seq").asLong();
  }

  /** For people: number, time, what happened, to which file, with which figures. */
  String line() {
    List<String> parts = new ArrayList<>();
    parts.add(String.format("%" + SHOWN_NUMBER + "s", text("/seq")));
    parts.add(text("/recorded_at"));
    parts.add(String.format("%-10s", text("/event/type")));
    add(parts, "", "/event/state", "");
    add(parts, "", "/event/job", "");
    add(parts, "", "/event/file", "");
    add(parts, "", "/event/rows", " rows");
    add(parts, "", "/event/rejected_rows", " rejected");
    add(parts, "", "/event/bytes", " bytes");
    add(parts, "attempt ", "/event/attempt", "");
    add(parts, "", "/event/error/code", "");
    add(parts, "", "/event/error/message", "");
    add(parts, "", "/verdict/status", "");
    add(parts, "", "/verdict/reason", "");
    add(parts, "", "/verdict/message", "");
    return Printable.of(String.join("  ", parts));
  }

  private void add(List<String> parts, String before, String pointer, String after) {
    String found = text(pointer);
    if (found != null) {
      parts.add(before + found + after);
    }
  }

  private @Nullable String text(String pointer) {
    JsonNode found = json.at(pointer);
    return found.isMissingNode() || found.isNull() ? null : found.asString();
  }
}
