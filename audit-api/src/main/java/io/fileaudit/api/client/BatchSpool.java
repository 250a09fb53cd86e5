package io.fileaudit.api.client;

import io.fileaudit.api.batch.StatusRequest;
import io.fileaudit.api.event.EventWriter;
import io.fileaudit.api.json.AuditJson;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The events of one batch that wait on this machine's disk, in files of lines, each group made
 * durable before it counts as kept. Held by one process at a time, by a lock that its death
 * releases. Not thread-safe; its methods wait for the disk.
 */
final class BatchSpool implements AutoCloseable {
  static final String BATCH = "batch.json";
  private static final String ENDING = "ending.json";
  private static final String LOCK = "lock";
  private static final String SEGMENT = "events-";
  private static final long SEGMENT_BYTES = 8 << 20;

  /** A file of lines: how many were read, and how many of these are settled. */
  private static final class Segment {
    final Path file;
    long durableBytes;
    long read;
    long settled;
    boolean readToItsEnd;

    Segment(Path file, long durableBytes) {
      this.file = file;
      this.durableBytes = durableBytes;
    }
  }

  private final Spool spool;
  private final Path place;
  private final FileChannel lock;
  private final Deque<Segment> segments = new ArrayDeque<>();
  private @Nullable FileChannel writing;
  private @Nullable Reading reading;
  private int made;

  private BatchSpool(Spool spool, Path place, FileChannel lock) {
    this.spool = spool;
    this.place = place;
    this.lock = lock;
  }

  /** The place of a batch; null where another process holds it, or it is gone. */
  static @Nullable BatchSpool hold(Spool spool, Path place) throws IOException {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              place.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (NoSuchFileException e) {
      return null;
    }
    try {
      FileLock held = channel.tryLock();
      if (held != null) {
        BatchSpool here = new BatchSpool(spool, place, channel);
        here.find();
        return here;
      }
    } catch (OverlappingFileLockException e) {
      // Held by this process already.
    }
    channel.close();
    return null;
  }

  private void find() throws IOException {
    try (Stream<Path> files = Files.list(place)) {
      for (Path file : files.sorted().toList()) {
        if (String.valueOf(file.getFileName()).startsWith(SEGMENT)) {
          segments.add(new Segment(file, Files.size(file)));
        }
      }
    }
    made = segments.isEmpty() ? 0 : number(segments.getLast().file);
  }

  private static int number(Path segment) {
    return Integer.parseInt(String.valueOf(segment.getFileName()).replaceAll("\\D", ""));
  }

  Path place() {
    return place;
  }

  /** Says, durably, to which batch the events belong. */
  void write(SpooledBatch batch) throws IOException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("batch", batch.batch());
    fields.put("producer", batch.producer());
    fields.put("namespace", batch.namespace());
    fields.put("run", batch.run());
    fields.put("spec", EventWriter.spec(batch.spec()));
    replace(BATCH, AuditJson.strict().writeValueAsBytes(fields));
  }

  /** To which batch the events belong. */
  SpooledBatch batch() throws IOException {
    return read(BATCH, SpooledBatch.class);
  }

  /** Says, durably, how the batch is to be ended after its events. */
  void write(StatusRequest ending) throws IOException {
    replace(ENDING, AuditJson.strict().writeValueAsBytes(ending));
  }

  /** How the batch is to be ended; null where nobody said. */
  @Nullable StatusRequest ending() throws IOException {
    return Files.exists(place.resolve(ENDING)) ? read(ENDING, StatusRequest.class) : null;
  }

  private <T> T read(String name, Class<T> type) throws IOException {
    try {
      JsonNode json = AuditJson.lenient().readTree(Files.readAllBytes(place.resolve(name)));
      return AuditJson.lenient().treeToValue(json, type);
    } catch (JacksonException e) {
      throw new IOException(place.resolve(name) + " cannot be read: " + e.getOriginalMessage(), e);
    }
  }

  /** Replaced as a whole or not at all. */
  private void replace(String name, byte[] content) throws IOException {
    Path fresh = place.resolve(name + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      writeAll(channel, ByteBuffer.wrap(content));
      channel.force(true);
    }
    Files.move(
        fresh,
        place.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    Spool.sync(place);
  }

  /**
   * Keeps lines; they are durable when this returns. False where the spool has no room for them.
   */
  boolean append(List<Line> lines) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Line line : lines) {
      bytes.write(line.json());
      bytes.write('\n');
    }
    if (!spool.take(bytes.size())) {
      return false;
    }
    FileChannel channel = writing();
    writeAll(channel, ByteBuffer.wrap(bytes.toByteArray()));
    channel.force(false);
    Segment segment = segments.getLast();
    segment.durableBytes += bytes.size();
    segment.readToItsEnd = false;
    if (segment.durableBytes >= SEGMENT_BYTES) {
      channel.close();
      writing = null;
    }
    return true;
  }

  private FileChannel writing() throws IOException {
    FileChannel channel = writing;
    if (channel == null) {
      Path file = place.resolve(String.format("%s%08d.ndjson", SEGMENT, ++made));
      channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      Spool.sync(place);
      segments.add(new Segment(file, 0));
      writing = channel;
    }
    return channel;
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Whether every line that was kept is settled. */
  boolean isEmpty() {
    return segments.stream()
        .allMatch(
            segment ->
                segment.durableBytes == 0
                    || (segment.readToItsEnd && segment.settled == segment.read));
  }

  /**
   * The next lines, at most so many; none where there are no more now. A line that was cut off by a
   * crash was never kept, and ends its file.
   */
  List<Line> read(int most) throws IOException {
    List<Line> lines = new ArrayList<>();
    while (lines.size() < most) {
      Reading source = reading();
      if (source == null) {
        break;
      }
      Line line = source.next();
      if (line == null) {
        boolean growing = writing != null && source.segment == segments.peekLast();
        source.segment.readToItsEnd = true;
        if (growing) {
          break;
        }
        source.close();
        reading = null;
      } else {
        source.segment.readToItsEnd = false;
        source.segment.read++;
        lines.add(line);
      }
    }
    return lines;
  }

  private @Nullable Reading reading() throws IOException {
    if (reading == null) {
      for (Segment segment : segments) {
        if (!segment.readToItsEnd) {
          reading = new Reading(segment);
          break;
        }
      }
    }
    return reading;
  }

  /** So many of the lines that were read are settled; files whose lines all are go away. */
  void settled(long lines) throws IOException {
    long left = lines;
    for (Segment segment : segments) {
      long here = Math.min(left, segment.read - segment.settled);
      segment.settled += here;
      left -= here;
    }
    while (!segments.isEmpty() && isDone(segments.getFirst())) {
      Segment done = segments.removeFirst();
      Files.deleteIfExists(done.file);
      spool.give(done.durableBytes);
    }
  }

  private boolean isDone(Segment segment) {
    boolean growing = writing != null && segment == segments.peekLast();
    return !growing && segment.readToItsEnd && segment.settled == segment.read;
  }

  /** Begins again at the first line that is not settled. */
  void rewind() throws IOException {
    if (reading != null) {
      reading.close();
      reading = null;
    }
    for (Segment segment : segments) {
      segment.read = segment.settled;
      segment.readToItsEnd = false;
    }
  }

  /** Takes the place away, with all that is in it. */
  void delete() throws IOException {
    close();
    for (Segment segment : segments) {
      Files.deleteIfExists(segment.file);
      spool.give(segment.durableBytes);
    }
    for (String name : List.of(ENDING, BATCH, BATCH + ".new", ENDING + ".new", LOCK)) {
      Files.deleteIfExists(place.resolve(name));
    }
    Files.deleteIfExists(place);
  }

  /** Puts the place where no client looks for it any more, and says where. */
  Path setAside() throws IOException {
    Path aside = place.resolveSibling(Spool.ASIDE + place.getFileName());
    Files.move(place, aside, StandardCopyOption.ATOMIC_MOVE);
    close();
    return aside;
  }

  /** Leaves it to whoever comes next. */
  @Override
  public void close() throws IOException {
    if (reading != null) {
      reading.close();
      reading = null;
    }
    if (writing != null) {
      writing.close();
      writing = null;
    }
    lock.close();
  }

  /** Reads the lines of one file, as far as they are durable. */
  private static final class Reading {
    final Segment segment;
    private final InputStream in;
    private long consumed;

    Reading(Segment segment) throws IOException {
      this.segment = segment;
      this.in = new BufferedInputStream(Files.newInputStream(segment.file), 1 << 16);
      for (long skipped = 0; skipped < segment.settled && next() != null; skipped++) {
        // What is settled was sent by an earlier attempt.
      }
    }

    @Nullable Line next() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream(256);
      while (consumed < segment.durableBytes) {
        int b = in.read();
        if (b < 0) {
          return null;
        }
        consumed++;
        if (b == '\n') {
          try {
            return Line.read(line.toByteArray());
          } catch (IllegalArgumentException e) {
            consumed = segment.durableBytes;
            return null;
          }
        }
        line.write(b);
      }
      return null;
    }

    void close() throws IOException {
      in.close();
    }
  }
}
