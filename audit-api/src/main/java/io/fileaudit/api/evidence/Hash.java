package io.fileaudit.api.evidence;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A hash of a Merkle tree: SHA-256, with the prefixes that tell leaves from nodes. Immutable.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6962#section-2.1">RFC 6962, 2.1</a>
 */
public final class Hash {
  /** How many bytes a hash has. */
  public static final int BYTES = 32;

  /** The root of a tree without a leaf. */
  public static final Hash EMPTY = new Hash(Sha256.begin().digest());

  private static final byte LEAF = 0;
  private static final byte NODE = 1;

  private final byte[] bytes;

  private Hash(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The hash that has those bytes.
   *
   * @throws IllegalArgumentException where they are not {@link #BYTES} many
   */
  public static Hash of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "a hash has " + bytes.length + " bytes, expected " + BYTES);
    }
    return new Hash(bytes.clone());
  }

  /**
   * The hash that Base64 says.
   *
   * @throws IllegalArgumentException where it says none
   */
  public static Hash ofBase64(String text) {
    Hash hash = of(Base64.getDecoder().decode(text));
    if (!hash.base64().equals(text)) {
      throw new IllegalArgumentException("the hash " + text + " is not in canonical Base64");
    }
    return hash;
  }

  /** The hash of a leaf. */
  public static Hash leaf(byte[] content) {
    MessageDigest digest = Sha256.begin();
    digest.update(LEAF);
    return new Hash(digest.digest(content));
  }

  /** The hash of a node above two others. */
  public static Hash node(Hash left, Hash right) {
    MessageDigest digest = Sha256.begin();
    digest.update(NODE);
    digest.update(left.bytes);
    return new Hash(digest.digest(right.bytes));
  }

  /** Its bytes, which are the caller's own. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** In Base64 (RFC 4648, 4), as checkpoints have it. */
  public String base64() {
    return Base64.getEncoder().encodeToString(bytes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Hash hash && Arrays.equals(bytes, hash.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
