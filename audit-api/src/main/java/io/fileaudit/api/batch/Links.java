package io.fileaudit.api.batch;

/** Where to go from a snapshot: paths below the service's address. */
public record Links(
    String self,
    String page,
    String files,
    String feed,
    String ledger,
    String verdicts,
    String rejected) {
  /** The links of a batch. */
  public static Links of(java.util.UUID batch) {
    String self = "/api/v1/batches/" + batch;
    return new Links(
        self,
        "/ui/batches/" + batch,
        self + "/files",
        self + "/feed",
        self + "/ledger",
        self + "/verdicts",
        self + "/rejected");
  }
}
