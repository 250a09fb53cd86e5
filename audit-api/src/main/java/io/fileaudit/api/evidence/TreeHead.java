package io.fileaudit.api.evidence;

/**
 * How the tree of a batch's ledger stands: whoever keeps it can show later that what was there has
 * not been changed.
 *
 * @param size how many rows the ledger has
 * @param root the root of the tree of their texts (RFC 6962), in Base64
 */
public record TreeHead(long size, String root) {
  /** The head of that tree. */
  public static TreeHead of(CompactRange tree) {
    return new TreeHead(tree.size(), tree.root().base64());
  }
}
