package io.fileaudit.api.evidence;

import java.util.UUID;

/**
 * What a bundle of evidence consists of: a ZIP file that shows, without the service, whether a
 * batch's ledger is what it was. docs/evidence.md describes it for other programs.
 */
public final class Bundle {
  /** What the bundle is about, JSON. */
  public static final String ABOUT = "bundle.json";

  /** The texts of the ledger's rows as they are stored, each with a line end. */
  public static final String LEDGER = "ledger.ndjson";

  /**
   * The leaf of each row as it was kept when the row was written, in Base64; {@code -} for none.
   */
  public static final String LEAVES = "leaves.txt";

  /** How the ledger's tree stood when commits were acknowledged, JSON lines. */
  public static final String HEADS = "heads.ndjson";

  /** The entries of the log about the batch with their proofs, JSON lines. */
  public static final String LOG = "log.ndjson";

  /** The signed checkpoint that the proofs lead to. */
  public static final String CHECKPOINT = "checkpoint.txt";

  /** What verifies the checkpoint, as the service says. */
  public static final String KEY = "key.txt";

  /** The version of this form. */
  public static final int VERSION = 1;

  private Bundle() {}

  /**
   * What a bundle is about.
   *
   * @param v the version of its form
   * @param namespace who the batch belongs to
   * @param batch the batch
   */
  public record About(int v, String namespace, UUID batch) {}
}
