package io.fileaudit.api.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Notes and checkpoints against the published examples of C2SP and of the Go implementation. */
class SignedNoteTest {
  private static final String SIGNER =
      "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
  private static final String KEY =
      "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  private static final String TEXT =
      "If you think cryptography is the answer to your problem,\n"
          + "then you don't know what your problem is.\n";
  private static final String NOTE =
      TEXT
          + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

  /** The example of the specification itself. */
  private static final String SPEC_KEY =
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

  private static final String SPEC_NOTE =
      "This is an example message.\n\n"
          + "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

  @Test
  void keysAndSignaturesAreThoseOfTheExample() {
    NoteSigner signer = NoteSigner.read(SIGNER);

    assertThat(signer.key()).hasToString(KEY).isEqualTo(NoteKey.read(KEY));
    assertThat(signer.secret()).isEqualTo(SIGNER);
    assertThat(signer.toString()).doesNotContain("AYEKFALVFGyNhPJEMzD1QIDr");
    assertThat(signer.sign(TEXT)).isEqualTo(NOTE);
    assertThat(SignedNote.open(NOTE, signer.key())).isEqualTo(TEXT);
    assertThat(SignedNote.open(SPEC_NOTE, NoteKey.read(SPEC_KEY)))
        .isEqualTo("This is an example message.\n");
  }

  @Test
  void signaturesOfOtherKeysArePassedOver() {
    String both = NOTE + "— witness.example NnugSzTjtVAewIS+Z/iJhUPeFDk=\n";

    assertThat(SignedNote.open(both, NoteKey.read(KEY))).isEqualTo(TEXT);
  }

  @Test
  void noteNamesItsKeysByNameAndId() {
    NoteKey sameName = NoteSigner.generate("PeterNeumann", new SecureRandom()).key();

    assertThat(SignedNote.names(NOTE, NoteKey.read(KEY))).isTrue();
    assertThat(SignedNote.names(NOTE, sameName)).isFalse();
    assertThat(SignedNote.names(NOTE, NoteKey.read(SPEC_KEY))).isFalse();
    assertThat(SignedNote.names(TEXT, NoteKey.read(KEY))).isFalse();
    assertThat(SignedNote.names(NOTE.replace("x08go", "!!!!!"), NoteKey.read(KEY))).isFalse();
  }

  @Test
  void changedTextOrForeignKeyIsRefused() {
    NoteKey key = NoteKey.read(KEY);
    NoteKey other = NoteSigner.generate("PeterNeumann", new SecureRandom()).key();

    assertThatThrownBy(() -> SignedNote.open(NOTE.replace("answer", "answers"), key))
        .hasMessageContaining("does not fit");
    assertThatThrownBy(() -> SignedNote.open(NOTE, other)).hasMessageContaining("not signed by");
    assertThatThrownBy(() -> SignedNote.open(SPEC_NOTE, key)).hasMessageContaining("not signed by");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "text",
        "text\n",
        "text\n\n",
        "text\n\n— x\n",
        "text\n\n— x AAAA\n",
        "text\n\nx AAAAAAAA\n",
        "te\txt\n\n— PeterNeumann AAAAAAAAAA==\n",
        "text\n\n— PeterNeumann !!!!\n",
        "text\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZIn"
      })
  void whatIsNoNoteIsRefused(String note) {
    assertThatThrownBy(() -> SignedNote.open(note, NoteKey.read(KEY)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhM"
      })
  void whatIsNoKeyIsRefused(String key) {
    assertThatThrownBy(() -> NoteKey.read(key)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> NoteSigner.read("PRIVATE+KEY+" + key))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void checkpointIsSignedByItsLog() {
    NoteSigner signer = NoteSigner.generate("audit.example/log", new SecureRandom());
    Checkpoint checkpoint =
        new Checkpoint("audit.example/log", 20852163, Hash.leaf(new byte[] {1}));

    String note = checkpoint.signed(signer);

    assertThat(note)
        .startsWith("audit.example/log\n20852163\n" + checkpoint.root().base64() + "\n\n— ");
    assertThat(Checkpoint.open(note, signer.key())).isEqualTo(checkpoint);
    assertThat(Checkpoint.open(note, NoteSigner.read(signer.secret()).key())).isEqualTo(checkpoint);
  }

  @Test
  void checkpointOfAnotherLogOrOfOddFormIsRefused() {
    NoteSigner signer = NoteSigner.generate("audit.example/log", new SecureRandom());
    String root = Hash.EMPTY.base64();

    assertThatThrownBy(() -> Checkpoint.open(signer.sign("other\n1\n" + root + "\n"), signer.key()))
        .hasMessageContaining("is of other");
    for (String size : new String[] {"01", "-1", "x", "", "1e3"}) {
      assertThatThrownBy(
              () ->
                  Checkpoint.open(
                      signer.sign("audit.example/log\n" + size + "\n" + root + "\n"), signer.key()))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Checkpoint.open(signer.sign("audit.example/log\n1\n"), signer.key()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
