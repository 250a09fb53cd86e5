package io.fileaudit.api.evidence;

import java.util.regex.Pattern;

/**
 * How a log stood: its size and root, which its key signs.
 *
 * @param origin names the log
 * @param size how many entries it had
 * @param root the root of the tree of its entries
 * @see <a href="https://c2sp.org/tlog-checkpoint">C2SP tlog-checkpoint</a>
 */
public record Checkpoint(String origin, long size, Hash root) {
  private static final Pattern SIZE = Pattern.compile("0|[1-9][0-9]{0,17}");

  /** The text that is signed. */
  public String text() {
    return origin + "\n" + size + "\n" + root.base64() + "\n";
  }

  /** The checkpoint as a note that was signed by that key. */
  public String signed(NoteSigner signer) {
    return signer.sign(text());
  }

  /**
   * The checkpoint of a note that was signed by that key, whose name is the log's.
   *
   * @throws IllegalArgumentException where it is none, says why
   */
  public static Checkpoint open(String note, NoteKey key) {
    Checkpoint read = read(SignedNote.open(note, key));
    if (!read.origin().equals(key.name())) {
      throw new IllegalArgumentException(
          "the checkpoint is of " + read.origin() + ", expected " + key.name());
    }
    return read;
  }

  private static Checkpoint read(String text) {
    String[] lines = text.split("\n", -1);
    if (lines.length < 4 || lines[0].isEmpty() || !SIZE.matcher(lines[1]).matches()) {
      throw new IllegalArgumentException(
          "the note is no checkpoint, expected lines with origin, size and root");
    }
    return new Checkpoint(lines[0], Long.parseLong(lines[1]), Hash.ofBase64(lines[2]));
  }
}
