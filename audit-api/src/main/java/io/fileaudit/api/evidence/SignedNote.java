package io.fileaudit.api.evidence;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Opens signed notes.
 *
 * @see <a href="https://c2sp.org/signed-note">C2SP signed-note</a>
 */
public final class SignedNote {
  private static final String SIGNATURE = "— ";

  /** The longest note that is looked at, in characters. */
  private static final int MAX_CHARACTERS = 1_000_000;

  private SignedNote() {}

  /**
   * The text of a note that was signed by that key; signatures of other keys are passed over.
   *
   * @throws IllegalArgumentException where it is no note, or not signed by the key, says why
   */
  public static String open(String note, NoteKey key) {
    if (note.length() > MAX_CHARACTERS) {
      throw new IllegalArgumentException(
          "the note is longer than " + MAX_CHARACTERS + " characters");
    }
    int end = note.lastIndexOf("\n\n");
    if (end < 0 || !note.endsWith("\n")) {
      throw new IllegalArgumentException("the note has no signatures behind an empty line");
    }
    String text = note.substring(0, end + 1);
    checkText(text);
    String signatures = note.substring(end + 2);
    if (signatures.isEmpty()) {
      throw new IllegalArgumentException("the note has no signature");
    }
    boolean verified = false;
    for (String line : signatures.substring(0, signatures.length() - 1).split("\n", -1)) {
      verified |= verifies(line, text, key);
    }
    if (!verified) {
      throw new IllegalArgumentException("the note is not signed by " + key.name());
    }
    return text;
  }

  /** Whether a signature of that note says that it is of that key, which proves nothing. */
  public static boolean names(String note, NoteKey key) {
    String begin = SIGNATURE + key.name() + " ";
    return note.lines().filter(line -> line.startsWith(begin)).anyMatch(line -> isOf(line, key));
  }

  private static boolean isOf(String line, NoteKey key) {
    try {
      byte[] signature = Base64.getDecoder().decode(line.substring(line.lastIndexOf(' ') + 1));
      return Arrays.equals(Arrays.copyOf(signature, NoteKey.ID_BYTES), key.id());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean verifies(String line, String text, NoteKey key) {
    int space = line.lastIndexOf(' ');
    if (!line.startsWith(SIGNATURE) || space < SIGNATURE.length()) {
      throw new IllegalArgumentException("the note has a line among its signatures that is none");
    }
    String name = line.substring(SIGNATURE.length(), space);
    NoteKey.checkName(name);
    byte[] signature = Base64.getDecoder().decode(line.substring(space + 1));
    if (signature.length <= NoteKey.ID_BYTES) {
      throw new IllegalArgumentException("the note has a signature that is too short");
    }
    boolean isOfKey =
        name.equals(key.name())
            && Arrays.equals(Arrays.copyOf(signature, NoteKey.ID_BYTES), key.id());
    if (!isOfKey) {
      return false;
    }
    byte[] signed = Arrays.copyOfRange(signature, NoteKey.ID_BYTES, signature.length);
    if (!key.verifies(text.getBytes(StandardCharsets.UTF_8), signed)) {
      throw new IllegalArgumentException("the signature of " + name + " does not fit the note");
    }
    return true;
  }

  static void checkText(String text) {
    if (!text.endsWith("\n") || text.chars().anyMatch(c -> c < ' ' && c != '\n')) {
      throw new IllegalArgumentException(
          "a note's text is expected to end with a line end and to have no other control characters");
    }
  }
}
