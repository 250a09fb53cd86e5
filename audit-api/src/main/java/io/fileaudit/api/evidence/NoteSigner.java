package io.fileaudit.api.evidence;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A key that signs notes, Ed25519 (RFC 8032). As text it is {@code PRIVATE+KEY+name+id+base64}.
 * Thread-safe.
 *
 * @see <a href="https://c2sp.org/signed-note">C2SP signed-note</a>
 */
public final class NoteSigner {
  private static final String PREFIX = "PRIVATE+KEY+";

  /** What stands before the 32 bytes in a PrivateKeyInfo (RFC 8410). */
  private static final byte[] PKCS8 = HexFormat.of().parseHex("302e020100300506032b657004220420");

  private final NoteKey key;
  private final byte[] seed;
  private final PrivateKey signing;

  private NoteSigner(String name, byte[] seed) {
    this.seed = seed;
    try {
      KeyFactory keys = KeyFactory.getInstance("Ed25519");
      byte[] encoded = ByteBuffer.allocate(PKCS8.length + seed.length).put(PKCS8).put(seed).array();
      this.signing = keys.generatePrivate(new PKCS8EncodedKeySpec(encoded));
      this.key = new NoteKey(name, publicOf(seed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java since 15 has Ed25519", e);
    }
  }

  /** Ed25519's public key follows from the seed, which the generator is given as its randomness. */
  private static byte[] publicOf(byte[] seed) throws GeneralSecurityException {
    KeyPairGenerator pairs = KeyPairGenerator.getInstance("Ed25519");
    pairs.initialize(NamedParameterSpec.ED25519, new Given(seed));
    PublicKey made = pairs.generateKeyPair().getPublic();
    byte[] encoded = made.getEncoded();
    return Arrays.copyOfRange(encoded, encoded.length - NoteKey.KEY_BYTES, encoded.length);
  }

  /** Gives the bytes that it was made of. */
  private static final class Given extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private final byte[] bytes;

    Given(byte[] bytes) {
      super(null, null);
      this.bytes = bytes;
    }

    @Override
    public void nextBytes(byte[] wanted) {
      System.arraycopy(bytes, 0, wanted, 0, wanted.length);
    }
  }

  /** Makes a fresh key of that name. */
  public static NoteSigner generate(String name, SecureRandom random) {
    try {
      KeyPairGenerator pairs = KeyPairGenerator.getInstance("Ed25519");
      pairs.initialize(NamedParameterSpec.ED25519, random);
      EdECPrivateKey made = (EdECPrivateKey) pairs.generateKeyPair().getPrivate();
      return new NoteSigner(name, made.getBytes().orElseThrow());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java since 15 has Ed25519", e);
    }
  }

  /**
   * Reads a key from its text.
   *
   * @throws IllegalArgumentException saying what is wrong with it, without the key
   */
  public static NoteSigner read(String text) {
    String whole = text.strip();
    String[] parts =
        whole.startsWith(PREFIX) ? whole.substring(PREFIX.length()).split("\\+", 3) : new String[0];
    if (parts.length != 3) {
      throw new IllegalArgumentException(
          "a signing key is expected to read " + PREFIX + "name+id+base64");
    }
    byte[] decoded;
    try {
      decoded = Base64.getDecoder().decode(parts[2]);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the signing key of " + parts[0] + " is not in Base64");
    }
    if (decoded.length != NoteKey.KEY_BYTES + 1 || decoded[0] != NoteKey.ED25519) {
      throw new IllegalArgumentException(
          "the signing key of " + parts[0] + " is not one of Ed25519");
    }
    NoteSigner read = new NoteSigner(parts[0], Arrays.copyOfRange(decoded, 1, decoded.length));
    if (!HexFormat.of().formatHex(read.key.id()).equals(parts[1])) {
      throw new IllegalArgumentException(
          "the signing key of " + parts[0] + " has an id that is not its own");
    }
    return read;
  }

  /** What verifies the signatures. */
  public NoteKey key() {
    return key;
  }

  /** The signing key as text, to be kept where nobody else reads it. */
  public String secret() {
    byte[] whole = ByteBuffer.allocate(1 + seed.length).put(NoteKey.ED25519).put(seed).array();
    return PREFIX
        + key.name()
        + "+"
        + HexFormat.of().formatHex(key.id())
        + "+"
        + Base64.getEncoder().encodeToString(whole);
  }

  /**
   * The signed note of a text.
   *
   * @param text ends with a line end
   */
  public String sign(String text) {
    SignedNote.checkText(text);
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(signing);
      signature.update(text.getBytes(StandardCharsets.UTF_8));
      byte[] signed = signature.sign();
      byte[] line =
          ByteBuffer.allocate(NoteKey.ID_BYTES + signed.length).put(key.id()).put(signed).array();
      return text + "\n— " + key.name() + " " + Base64.getEncoder().encodeToString(line) + "\n";
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key of Ed25519 signs any text", e);
    }
  }

  /** Without the key itself. */
  @Override
  public String toString() {
    return "signer of " + key;
  }
}
