package io.fileaudit.api.client;

/** What a service answers, as texts, with fields that this client does not know. */
final class WireExamples {
  static final String BATCH = "01975c4e-0000-7000-8000-000000000001";

  static final String VERDICT =
      """
      {"status":"TIMED_OUT","reason":"IDLE","limit":"idle","after":"PT30M","run":1,"seq":7,
       "opened_at":"2026-11-23T14:00:00Z","decided_at":"2026-11-23T15:00:00Z","node":"n1","mood":"calm"}
      """;

  static final String SNAPSHOT =
      """
      {"id":"%s","namespace":"default","name":"empresa 2025-02","table":"empresa","period":"2025-02",
       "parent":null,"labels":{"team":"rfb"},"status":"RUNNING","run":2,"flags":["silent"],"verdict":null,
       "version":812,"opened_at":"2026-11-23T14:00:00Z","started_at":"2026-11-23T14:00:01Z","ended_at":null,
       "last_activity_at":"2026-11-23T14:00:02Z","last_progress_at":null,"now":"2026-11-23T14:01:02.5Z",
       "elapsed_seconds":61.2,"idle_seconds":0.4,
       "limits":{"idle":{"after":"PT10M","action":"end","left_seconds":599.6}},
       "totals":{"files":{"expected":10,"missing":0,"discovered":0,"running":2,"completed":7,"failed":1,
                          "skipped":0,"quarantined":0},
                 "rows":31464020,"rows_in_flight":120000,"rejected_rows":3,"bytes":673479415,"events":3650,
                 "refused":0},
       "rates":{"window_seconds":60},"success_rate":0.875,"progress":0.8,"links":{"page":"/ui"}}
      """
          .formatted(BATCH);

  static final String MANIFEST =
      """
      {"file":"landing/é.csv","state":"FAILED","run":1,"attempt":2,"attempts":2,"rows":null,"bytes":12,\
      "expected":false,"conflict":false,"error":{"code":"bad-date","message":"line 12","line":12},\
      "attributes":{"worker":"w3"},"colour":"red"}""";

  private WireExamples() {}

  /** An acknowledgement of lines up to a number. */
  static String ack(long accepted, long lastLine) {
    return """
        {"accepted":%d,"duplicates":0,"duplicate":false,"refused":0,"refusals":[],"first_seq":0,"last_seq":1,\
        "last_line":%d,"run":1,"status":"RUNNING","version":3,"verdict":null,"news":1}
        """
        .formatted(accepted, lastLine);
  }

  /** An acknowledgement that refuses one line. */
  static String refusal(long line, int status, String type, String verdict) {
    return """
        {"accepted":0,"duplicates":0,"duplicate":false,"refused":1,\
        "refusals":[{"line":%d,"status":%d,"type":"%s","detail":"not any more"}],\
        "first_seq":null,"last_seq":null,"last_line":%d,"run":1,"status":"TIMED_OUT","version":3,"verdict":%s}
        """
        .formatted(line, status, type, line, verdict.replace("\n", ""));
  }
}
