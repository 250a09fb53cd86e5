package io.fileaudit.api.evidence;

import java.util.ArrayList;
import java.util.List;

/**
 * Proofs that a tree has a leaf, and that a tree is the beginning of another: which nodes they are
 * made of, and what they prove. Pure functions.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9162#section-2.1">RFC 9162, 2.1</a>, which says
 *     the verification of what RFC 6962 defines
 */
public final class Proofs {
  private Proofs() {}

  /**
   * A full tree within a larger one.
   *
   * @param level how many levels it has above its leaves
   * @param index how many trees of its level are left of it
   */
  public record Node(int level, long index) {}

  /** Looks up the root of a full tree. */
  @FunctionalInterface
  public interface Lookup {
    /** The root of that tree. */
    Hash hash(Node node);
  }

  /**
   * The full trees whose roots make up a proof that leaf {@code index} is in a tree of {@code size}
   * leaves: each list stands for one hash of the proof, the root of the tree of those trees.
   */
  public static List<List<Node>> inclusion(long index, long size) {
    checkIndex(index, size);
    List<List<Node>> proof = new ArrayList<>();
    path(index, 0, size, proof);
    return proof;
  }

  private static void path(long index, long from, long to, List<List<Node>> proof) {
    long leaves = to - from;
    if (leaves == 1) {
      return;
    }
    long middle = from + split(leaves);
    if (index < middle) {
      path(index, from, middle, proof);
      proof.add(trees(middle, to));
    } else {
      path(index, middle, to, proof);
      proof.add(trees(from, middle));
    }
  }

  /** The same for a proof that a tree of {@code first} leaves is the beginning of one of more. */
  public static List<List<Node>> consistency(long first, long second) {
    if (first < 1 || first > second) {
      throw new IllegalArgumentException(
          "no tree of " + first + " leaves is the beginning of one of " + second);
    }
    List<List<Node>> proof = new ArrayList<>();
    subproof(first, 0, second, true, proof);
    return proof;
  }

  private static void subproof(
      long first, long from, long to, boolean isWhole, List<List<Node>> proof) {
    long leaves = to - from;
    if (first == leaves) {
      if (!isWhole) {
        proof.add(trees(from, to));
      }
      return;
    }
    long middle = split(leaves);
    if (first <= middle) {
      subproof(first, from, from + middle, isWhole, proof);
      proof.add(trees(from + middle, to));
    } else {
      subproof(first - middle, from + middle, to, false, proof);
      proof.add(trees(from, from + middle));
    }
  }

  /** The largest power of two below a number of leaves. */
  private static long split(long leaves) {
    return Long.highestOneBit(leaves - 1);
  }

  /** The full trees that leaves from one to before another are made of, from the left. */
  public static List<Node> trees(long from, long to) {
    List<Node> trees = new ArrayList<>();
    for (long at = from; at < to; ) {
      long most = Long.highestOneBit(to - at);
      long leaves = at == 0 ? most : Math.min(most, Long.lowestOneBit(at));
      int level = Long.numberOfTrailingZeros(leaves);
      trees.add(new Node(level, at >> level));
      at += leaves;
    }
    return trees;
  }

  /** The hashes of a proof. */
  public static List<Hash> hashes(List<List<Node>> proof, Lookup lookup) {
    return proof.stream().map(trees -> root(trees, lookup)).toList();
  }

  private static Hash root(List<Node> trees, Lookup lookup) {
    Hash root = lookup.hash(trees.get(trees.size() - 1));
    for (int i = trees.size() - 2; i >= 0; i--) {
      root = Hash.node(lookup.hash(trees.get(i)), root);
    }
    return root;
  }

  /**
   * Whether a proof shows that the leaf is in the tree (RFC 9162, 2.1.3.2).
   *
   * @param index the leaf's number, from 0
   * @param size how many leaves the tree has
   */
  public static boolean isIncluded(Hash leaf, long index, long size, List<Hash> proof, Hash root) {
    if (index < 0 || index >= size) {
      return false;
    }
    long node = index;
    long last = size - 1;
    Hash hash = leaf;
    for (Hash other : proof) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        hash = Hash.node(other, hash);
        while ((node & 1) == 0 && node != 0) {
          node >>= 1;
          last >>= 1;
        }
      } else {
        hash = Hash.node(hash, other);
      }
      node >>= 1;
      last >>= 1;
    }
    return last == 0 && hash.equals(root);
  }

  /**
   * Whether a proof shows that one tree is the beginning of the other (RFC 9162, 2.1.4.2). A tree
   * without a leaf is the beginning of any.
   */
  public static boolean isConsistent(
      long first, Hash firstRoot, long second, Hash secondRoot, List<Hash> proof) {
    if (first < 0 || first > second) {
      return false;
    }
    if (first == second) {
      return proof.isEmpty() && firstRoot.equals(secondRoot);
    }
    if (first == 0) {
      return proof.isEmpty() && firstRoot.equals(Hash.EMPTY);
    }
    List<Hash> path = new ArrayList<>(proof);
    if (Long.bitCount(first) == 1) {
      path.add(0, firstRoot);
    }
    if (path.isEmpty()) {
      return false;
    }
    long node = first - 1;
    long last = second - 1;
    while ((node & 1) == 1) {
      node >>= 1;
      last >>= 1;
    }
    Hash one = path.get(0);
    Hash two = path.get(0);
    for (Hash other : path.subList(1, path.size())) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        one = Hash.node(other, one);
        two = Hash.node(other, two);
        while ((node & 1) == 0 && node != 0) {
          node >>= 1;
          last >>= 1;
        }
      } else {
        two = Hash.node(two, other);
      }
      node >>= 1;
      last >>= 1;
    }
    return last == 0 && one.equals(firstRoot) && two.equals(secondRoot);
  }

  private static void checkIndex(long index, long size) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("a tree of " + size + " leaves has no leaf " + index);
    }
  }
}
