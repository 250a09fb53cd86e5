package io.fileaudit.core.evidence;

import io.fileaudit.api.evidence.Checkpoint;
import io.fileaudit.api.evidence.NoteKey;
import io.fileaudit.api.evidence.NoteSigner;
import java.util.List;

/**
 * What signs the log, and what signed it before.
 *
 * @param signer signs from now on
 * @param earlier keys whose checkpoints are still taken up
 */
public record LogKeys(NoteSigner signer, List<NoteKey> earlier) {
  public LogKeys {
    earlier = List.copyOf(earlier);
  }

  /**
   * Reads keys from text: the signing key in the first line, keys that came before it, if any, in
   * the next ones.
   *
   * @throws IllegalArgumentException saying what is wrong, without the key
   */
  public static LogKeys read(String text) {
    List<String> lines = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("there is no signing key");
    }
    return new LogKeys(
        NoteSigner.read(lines.get(0)), lines.stream().skip(1).map(NoteKey::read).toList());
  }

  /**
   * The checkpoint that one of the keys signed.
   *
   * @throws IllegalArgumentException where none did, says what the present one found
   */
  Checkpoint open(String note) {
    return Checkpoint.open(note, keyOf(note));
  }

  /** The key that signed a note; the present one where none of them did. */
  NoteKey keyOf(String note) {
    for (NoteKey key : earlier) {
      try {
        Checkpoint.open(note, key);
        return key;
      } catch (IllegalArgumentException e) {
        // Of another key, or of none.
      }
    }
    return signer.key();
  }
}
