package io.fileaudit.api.evidence;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * As much of a tree as is needed to add leaves and to tell the root: the roots of the largest full
 * trees from the left, at most one for each bit of the size. Immutable.
 */
public final class CompactRange {
  /** A tree without a leaf. */
  public static final CompactRange EMPTY = new CompactRange(0, List.of());

  private final long size;
  private final List<Hash> peaks;

  private CompactRange(long size, List<Hash> peaks) {
    this.size = size;
    this.peaks = peaks;
  }

  /**
   * The range that {@link #bytes} gave.
   *
   * @throws IllegalArgumentException where the bytes are not those of a range of that size
   */
  public static CompactRange of(long size, byte[] bytes) {
    if (size < 0 || bytes.length != Long.bitCount(size) * Hash.BYTES) {
      throw new IllegalArgumentException(
          bytes.length + " bytes are not the range of a tree of " + size + " leaves");
    }
    List<Hash> peaks = new ArrayList<>();
    for (int i = 0; i < bytes.length; i += Hash.BYTES) {
      peaks.add(Hash.of(Arrays.copyOfRange(bytes, i, i + Hash.BYTES)));
    }
    return new CompactRange(size, peaks);
  }

  /** How many leaves the tree has. */
  public long size() {
    return size;
  }

  /** The hashes one behind the other, for a store to keep. */
  public byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(peaks.size() * Hash.BYTES);
    peaks.forEach(peak -> out.writeBytes(peak.bytes()));
    return out.toByteArray();
  }

  /** Adds leaves behind those there are. */
  public Growing grow() {
    return new Growing(this);
  }

  /** The tree with one leaf more. */
  public CompactRange with(Hash leaf) {
    return grow().add(leaf).range();
  }

  /** The root of the tree (RFC 6962, 2.1). */
  public Hash root() {
    if (peaks.isEmpty()) {
      return Hash.EMPTY;
    }
    Hash root = peaks.get(peaks.size() - 1);
    for (int i = peaks.size() - 2; i >= 0; i--) {
      root = Hash.node(peaks.get(i), root);
    }
    return root;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CompactRange range && size == range.size && peaks.equals(range.peaks);
  }

  @Override
  public int hashCode() {
    return peaks.hashCode();
  }

  @Override
  public String toString() {
    return size + " leaves, root " + root();
  }

  /** A full tree that came to be by adding a leaf. */
  public interface Nodes {
    /** Nobody looks. */
    Nodes NONE = (level, index, hash) -> {};

    /**
     * A full tree is there.
     *
     * @param level how many levels it has above its leaves
     * @param index how many trees of its level are left of it
     * @param hash its root
     */
    void added(int level, long index, Hash hash);
  }

  /** A range to which leaves are added; not thread-safe. */
  public static final class Growing {
    private final List<Hash> peaks;
    private final Nodes nodes;
    private long size;

    private Growing(CompactRange from) {
      this(from, Nodes.NONE);
    }

    /** The same, which tells of every full tree that comes to be. */
    public Growing(CompactRange from, Nodes nodes) {
      this.peaks = new ArrayList<>(from.peaks);
      this.size = from.size;
      this.nodes = nodes;
    }

    /** Adds a leaf. */
    public Growing add(Hash leaf) {
      Hash peak = leaf;
      nodes.added(0, size, peak);
      int level = 0;
      for (long left = size; (left & 1) == 1; left >>= 1) {
        peak = Hash.node(peaks.remove(peaks.size() - 1), peak);
        level++;
        nodes.added(level, size >> level, peak);
      }
      peaks.add(peak);
      size++;
      return this;
    }

    /** What it has come to. */
    public CompactRange range() {
      return new CompactRange(size, List.copyOf(peaks));
    }
  }
}
