package io.fileaudit.it.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Thousands of watchers on one thread. Each status event says when the commit was that it tells of,
 * by the clock of this machine, which is the store's as well: how old it is when it is here counts.
 */
final class FeedCrowd implements AutoCloseable {
  private static final byte[] EVENT = "event: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STATUS = "event: status\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COMMITTED =
      "\"last_activity_at\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final int LARGEST_FRAME = 16 * 1024;

  /** What one watcher has read of the event that is under way. */
  private static final class Watcher {
    private final byte[] frame = new byte[LARGEST_FRAME];
    private int length;
    private boolean begun;
  }

  private final InetSocketAddress address;
  private final String key;
  private final Selector selector = Selector.open();
  private final List<SocketChannel> channels = new ArrayList<>();
  private final Histogram ages = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(5), 3);
  private final AtomicLong frames = new AtomicLong();
  private final AtomicInteger watching = new AtomicInteger();
  private final Thread reading = new Thread(this::read, "crowd");
  private volatile boolean over;

  /** A crowd before that service; nobody watches yet. */
  FeedCrowd(URI service, String key) throws IOException {
    this.address = new InetSocketAddress(service.getHost(), service.getPort());
    this.key = key;
    reading.setDaemon(true);
    reading.start();
  }

  /** One more watcher, who reads. */
  void watch(String path) throws IOException {
    SocketChannel channel = open(path);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, new Watcher());
    selector.wakeup();
  }

  /** One more watcher, who reads nothing. */
  SocketChannel ignore(String path) throws IOException {
    return open(path);
  }

  private SocketChannel open(String path) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_RCVBUF, 8 * 1024);
    channel.connect(address);
    String head =
        "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nAccept: text/event-stream\r\n\r\n"
            .formatted(path, key);
    channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
    synchronized (channels) {
      channels.add(channel);
    }
    return channel;
  }

  private void read() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    try {
      while (!over) {
        selector.select(100);
        for (SelectionKey ready : selector.selectedKeys()) {
          buffer.clear();
          int count = ((SocketChannel) ready.channel()).read(buffer);
          if (count < 0) {
            ready.cancel();
          } else {
            take(buffer.flip(), (Watcher) ready.attachment());
          }
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void take(ByteBuffer read, Watcher watcher) {
    long now = System.currentTimeMillis() * 1_000;
    while (read.hasRemaining()) {
      byte next = read.get();
      if (watcher.length < LARGEST_FRAME) {
        watcher.frame[watcher.length++] = next;
      }
      if (next == '\n' && endsWith(watcher)) {
        tell(watcher, now);
        watcher.length = 0;
      }
    }
  }

  private static boolean endsWith(Watcher watcher) {
    return watcher.length >= END.length && watcher.frame[watcher.length - 2] == '\n';
  }

  private void tell(Watcher watcher, long nowMicros) {
    frames.incrementAndGet();
    if (!watcher.begun && find(watcher, EVENT, 0) >= 0) {
      watcher.begun = true;
      watching.incrementAndGet();
    }
    if (find(watcher, STATUS, 0) < 0) {
      return;
    }
    int at = find(watcher, COMMITTED, 0);
    if (at >= 0) {
      int begin = at + COMMITTED.length;
      int end = begin;
      while (watcher.frame[end] != '"') {
        end++;
      }
      Instant committed =
          Instant.parse(new String(watcher.frame, begin, end - begin, StandardCharsets.US_ASCII));
      ages.recordValue(
          Math.max(
              0, nowMicros - committed.getEpochSecond() * 1_000_000 - committed.getNano() / 1_000));
    }
  }

  private static int find(Watcher watcher, byte[] what, int from) {
    for (int i = from; i <= watcher.length - what.length; i++) {
      int j = 0;
      while (j < what.length && watcher.frame[i + j] == what[j]) {
        j++;
      }
      if (j == what.length) {
        return i;
      }
    }
    return -1;
  }

  /** How many watchers had a first event. */
  int watching() {
    return watching.get();
  }

  /** Forgets what was measured so far. */
  void begin() {
    ages.reset();
    frames.set(0);
  }

  /** How old status events were when they came, in microseconds, since the last beginning. */
  Histogram ages() {
    return ages;
  }

  /** How many events came since the last beginning. */
  long frames() {
    return frames.get();
  }

  @Override
  public void close() throws IOException {
    over = true;
    selector.wakeup();
    synchronized (channels) {
      for (SocketChannel channel : channels) {
        channel.close();
      }
    }
    selector.close();
  }
}
