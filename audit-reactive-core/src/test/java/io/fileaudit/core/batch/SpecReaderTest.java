package io.fileaudit.core.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitAction;
import io.fileaudit.api.batch.ZeroRows;
import io.fileaudit.api.problem.AuditException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said when a batch is opened: read in full, or refused by name. */
class SpecReaderTest {

  private static BatchSpec read(String json) {
    return SpecReader.read(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void everyFieldIsRead() {
    UUID parent = UUID.randomUUID();
    BatchSpec spec =
        read(
            """
            {"name":"empresa 2025-02","table":"empresa","period":"2025-02","parent":"%s","labels":{"team":"rfb"},
             "limits":{"idle":"PT10M","operation":{"after":"PT3H","action":"flag"},"start":"off",
                       "progress":{"action":"END"}},
             "max_rejected_rows":1000,"max_skipped":3,"zero_rows":"incomplete",
             "expected":{"count":10,"pattern":"*.EMPRECSV",
                         "files":[{"file":"a","rows":1,"bytes":2,"checksum":"md5:3"}]},"resume":true}
            """
                .formatted(parent));

    assertThat(spec.name()).isEqualTo("empresa 2025-02");
    assertThat(spec.table()).isEqualTo("empresa");
    assertThat(spec.period()).isEqualTo("2025-02");
    assertThat(spec.parent()).isEqualTo(parent);
    assertThat(spec.labels()).containsExactly(java.util.Map.entry("team", "rfb"));
    assertThat(spec.limits().idle()).isEqualTo(new Limit(Duration.ofMinutes(10), null));
    assertThat(spec.limits().operation()).isEqualTo(Limit.flagAfter(Duration.ofHours(3)));
    assertThat(spec.limits().start()).isEqualTo(Limit.off());
    assertThat(spec.limits().progress()).isEqualTo(new Limit(null, LimitAction.END));
    assertThat(spec.maxRejectedRows()).isEqualTo(1000);
    assertThat(spec.maxSkipped()).isEqualTo(3);
    assertThat(spec.zeroRows()).isEqualTo(ZeroRows.INCOMPLETE);
    assertThat(spec.expected())
        .isEqualTo(
            new Expected(10L, "*.EMPRECSV", List.of(new ExpectedFile("a", 1L, 2L, "md5:3"))));
    assertThat(spec.resume()).isTrue();
  }

  @Test
  void nothingNeedsToBeSaid() {
    BatchSpec spec = read("{}");

    assertThat(spec).isEqualTo(BatchSpec.builder().build());
    assertThat(spec.zeroRows()).isEqualTo(ZeroRows.ALLOWED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"tabel":"x"}                                        | tabel
          {"limits":{"idel":"PT1M"}}                           | idel
          {"limits":{"idle":"10 minutes"}}                     | 10 minutes
          {"limits":{"idle":"PT0S"}}                           | PT0S
          {"limits":{"idle":"-PT5M"}}                          | PT-5M
          {"limits":{"idle":"P4000D"}}                         | PT96000H
          {"limits":{"idle":5}}                                | limits.idle
          {"limits":{"idle":{}}}                               | after
          {"limits":{"idle":{"after":"PT1M","action":"stop"}}} | stop
          {"limits":{"idle":{"afer":"PT1M"}}}                  | afer
          {"name":""}                                          | name
          {"table":"a\\u0000b"}                                | table
          {"labels":{"a":"\\u0000"}}                           | labels.a
          {"labels":{"":"x"}}                                  | label
          {"labels":[]}                                        | labels
          {"parent":"not-a-uuid"}                              | parent
          {"max_rejected_rows":-1}                             | max_rejected_rows
          {"max_rejected_rows":9007199254740992}               | max_rejected_rows
          {"max_rejected_rows":1.0}                            | max_rejected_rows
          {"max_rejected_rows":"1"}                            | max_rejected_rows
          {"max_skipped":-1}                                   | max_skipped
          {"zero_rows":"maybe"}                                | zero_rows
          {"expected":{"count":-1}}                            | expected.count
          {"expected":{"pattern":"*.csv"}}                     | expected.count
          {"expected":{"count":1,"pattern":""}}                | expected.pattern
          {"expected":{"files":[{}]}}                          | file
          {"expected":{"files":[{"file":""}]}}                 | expected.files.file
          {"expected":{"files":[{"file":"a"},{"file":"a"}]}}   | "a"
          {"expected":{"files":[{"file":"a","rows":-5}]}}      | expected.files.rows
          {"expected":{"files":[{"file":"a","size":5}]}}       | size
          {"resume":"yes"}                                     | resume
          []                                                   | BatchSpec
          """)
  void whatIsWrongIsNamed(String json, String named) {
    AuditException error = catchThrowableOfType(AuditException.class, () -> read(json));

    assertThat(error).isNotNull();
    assertThat(error.type().status()).as(error.detail()).isEqualTo(422);
    assertThat(error.detail()).contains(named).doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {
          {"name":"a","name":"b"}
          not JSON
          {"name":'a'}
          {"max_skipped":NaN}
          """)
  void whatIsNoJsonIsMalformed(String json) {
    AuditException error = catchThrowableOfType(AuditException.class, () -> read(json));

    assertThat(error).isNotNull();
    assertThat(error.type().slug()).as(error.detail()).isEqualTo("malformed-json");
  }

  @Test
  void longTextsAreRefusedByCharacters() {
    String twoHundred = "\ud83d\ude80".repeat(200);
    assertThat(read("{\"name\":\"" + twoHundred + "\"}").name()).isEqualTo(twoHundred);

    AuditException error =
        catchThrowableOfType(
            AuditException.class, () -> read("{\"name\":\"" + twoHundred + "x\"}"));

    assertThat(error).isNotNull();
    assertThat(error.detail()).contains("name", "201", "200");
  }
}
