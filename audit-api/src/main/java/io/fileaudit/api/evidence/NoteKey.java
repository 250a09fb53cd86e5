package io.fileaudit.api.evidence;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A key that verifies signed notes: a name and an Ed25519 public key (RFC 8032). As text it is
 * {@code name+id+base64}, the form in which checkpoint verifiers take keys.
 *
 * @see <a href="https://c2sp.org/signed-note">C2SP signed-note</a>
 */
public final class NoteKey {
  static final byte ED25519 = 1;
  static final int KEY_BYTES = 32;
  static final int ID_BYTES = 4;

  /** What stands before the 32 bytes in a SubjectPublicKeyInfo (RFC 8410). */
  private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");

  private final String name;
  private final byte[] publicKey;

  NoteKey(String name, byte[] publicKey) {
    checkName(name);
    this.name = name;
    this.publicKey = publicKey;
  }

  /**
   * Reads a key from its text.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static NoteKey read(String text) {
    String[] parts = text.strip().split("\\+", 3);
    if (parts.length != 3) {
      throw new IllegalArgumentException("a key is expected to read name+id+base64");
    }
    byte[] key;
    try {
      key = Base64.getDecoder().decode(parts[2]);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the key of " + parts[0] + " is not in Base64", e);
    }
    if (key.length != KEY_BYTES + 1 || key[0] != ED25519) {
      throw new IllegalArgumentException("the key of " + parts[0] + " is not one of Ed25519");
    }
    NoteKey read = new NoteKey(parts[0], Arrays.copyOfRange(key, 1, key.length));
    if (!HexFormat.of().formatHex(read.id()).equals(parts[1])) {
      throw new IllegalArgumentException(
          "the key of " + parts[0] + " has the id " + parts[1] + ", which is not its own");
    }
    return read;
  }

  static void checkName(String name) {
    boolean isBad =
        name.isEmpty()
            || name.codePoints()
                .anyMatch(
                    c ->
                        c == '+'
                            || c < ' '
                            || Character.isSpaceChar(c)
                            || Character.isWhitespace(c));
    if (isBad) {
      throw new IllegalArgumentException(
          "a key's name is \"" + name + "\", expected one without spaces and plus signs");
    }
  }

  /** Whose key it is; of a log, its origin. */
  public String name() {
    return name;
  }

  /** Its id: the first bytes of a hash, which tells keys of one name apart and proves nothing. */
  byte[] id() {
    MessageDigest digest = Sha256.begin();
    digest.update(name.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) '\n');
    digest.update(ED25519);
    return Arrays.copyOf(digest.digest(publicKey), ID_BYTES);
  }

  /** Whether a signature over a text is of this key. */
  boolean verifies(byte[] text, byte[] signature) {
    try {
      byte[] encoded =
          ByteBuffer.allocate(SPKI.length + KEY_BYTES).put(SPKI).put(publicKey).array();
      PublicKey key =
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
      Signature verifying = Signature.getInstance("Ed25519");
      verifying.initVerify(key);
      verifying.update(text);
      return verifying.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // not a signature at all, or not a point of the curve
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NoteKey key
        && name.equals(key.name)
        && Arrays.equals(publicKey, key.publicKey);
  }

  @Override
  public int hashCode() {
    return name.hashCode() * 31 + Arrays.hashCode(publicKey);
  }

  /** The key as text, {@code name+id+base64}. */
  @Override
  public String toString() {
    byte[] key = ByteBuffer.allocate(1 + KEY_BYTES).put(ED25519).put(publicKey).array();
    return name
        + "+"
        + HexFormat.of().formatHex(id())
        + "+"
        + Base64.getEncoder().encodeToString(key);
  }
}
