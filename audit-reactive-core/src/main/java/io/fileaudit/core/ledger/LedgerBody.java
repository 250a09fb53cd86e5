package io.fileaudit.core.ledger;

import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.api.json.Utf8Output;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * The text of a ledger row: canonical JSON (RFC 8785) of {@code {batch, event, id, position,
 * producer, recorded_at, run, seq, v}}, all nine always there. A row that records a decision has
 * {@code verdict} as well. The ledger keeps exactly this text, so that whoever verifies it needs to
 * know nothing else.
 */
public final class LedgerBody {
  /** The version of this form. */
  public static final int VERSION = 1;

  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final String EVENT_MEMBER = ",\"event\":";
  private static final byte[] EVENT = ascii(EVENT_MEMBER);
  private static final byte[] ID = ascii(",\"id\":");
  private static final String POSITION_MEMBER = ",\"position\":";
  private static final byte[] POSITION = ascii(POSITION_MEMBER);
  private static final byte[] PRODUCER = ascii(",\"producer\":");
  private static final byte[] NULL = ascii("null");
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private final byte[] start;
  private final byte[] producer;
  private final byte[] runAndTime;
  private final Utf8Output out = new Utf8Output(1024);

  /**
   * Prepares what all rows of one commit have in common.
   *
   * @param recordedAt the store's clock after the batch was locked
   */
  public LedgerBody(UUID batch, @Nullable String producer, int run, Instant recordedAt) {
    this.start = ascii("{\"batch\":\"" + batch + "\"");
    this.producer = producer == null ? NULL : new Utf8Output(64).string(producer).toBytes();
    this.runAndTime =
        ascii(
            ",\"recorded_at\":\""
                + MICROSECONDS.format(recordedAt)
                + "\",\"run\":"
                + run
                + ",\"seq\":");
  }

  /** The text of a row that records an event. */
  public byte[] event(long seq, byte[] canonical, @Nullable Long position, @Nullable String id) {
    begin(seq, canonical, position, id);
    return out.ascii(",\"v\":").number(VERSION).put('}').toBytes();
  }

  /** The text of a row that records a decision. */
  public byte[] decision(
      long seq, byte[] canonical, @Nullable Long position, @Nullable String id, Verdict verdict) {
    begin(seq, canonical, position, id);
    out.ascii(",\"v\":").number(VERSION).ascii(",\"verdict\":");
    CanonicalJson.write(AuditJson.lenient().convertValue(verdict, OBJECT), out);
    return out.put('}').toBytes();
  }

  private void begin(long seq, byte[] canonical, @Nullable Long position, @Nullable String id) {
    out.reset();
    out.put(start).put(EVENT).put(canonical).put(ID);
    if (id == null) {
      out.put(NULL);
    } else {
      out.string(id);
    }
    out.put(POSITION);
    if (position == null) {
      out.put(NULL);
    } else {
      out.number(position);
    }
    out.put(PRODUCER).put(producer).put(runAndTime).number(seq);
  }

  /**
   * The producer's position of a row that records an event; null where it has none. It stands
   * behind the event, and within a string it could not stand with bare quotation marks.
   */
  public static @Nullable Long positionOf(String body) {
    int from = body.lastIndexOf(POSITION_MEMBER) + POSITION_MEMBER.length();
    int to = from;
    while (Character.isDigit(body.charAt(to))) {
      to++;
    }
    return to == from ? null : Long.valueOf(body.substring(from, to));
  }

  /** The canonical text of the event within a body: what stands there, as it stands there. */
  public static byte[] eventOf(String body) {
    int start = body.indexOf(EVENT_MEMBER) + EVENT_MEMBER.length();
    int depth = 0;
    boolean inString = false;
    for (int i = start; i < body.length(); i++) {
      char c = body.charAt(i);
      if (inString) {
        i += c == '\\' ? 1 : 0;
        inString = c != '"';
      } else if (c == '"') {
        inString = true;
      } else if (c == '{') {
        depth++;
      } else if (c == '}' && --depth == 0) {
        return body.substring(start, i + 1).getBytes(StandardCharsets.UTF_8);
      }
    }
    throw new IllegalArgumentException("a ledger row without an event");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
