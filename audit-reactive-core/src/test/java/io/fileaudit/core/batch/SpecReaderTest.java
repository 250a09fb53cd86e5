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
import java.util.Map;
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
    assertThat(spec.labels()).containsExactly(Map.entry("team", "rfb"));
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
          {"expected":{"files":[{"file":"a","checksum":"9f86d08188"}]}} | checksum of "a" is none, expected algorithm:value
          {"expected":{"files":[{"file":"a","checksum":""}]}}  | checksum of "a"
          {"resume":"yes"}                                     | resume
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
          {"max_skipped":+1}
          {} {}
          {"name":"a"}]
          {"name":"a"} x
          `  `
          {"limits":{"idle":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
          {"limits":{"idle":[1}}
          """)
  void whatIsNoJsonIsMalformed(String json) {
    AuditException error = catchThrowableOfType(AuditException.class, () -> read(json));

    assertThat(error).isNotNull();
    assertThat(error.type().slug()).as(error.detail()).isEqualTo("malformed-json");
    assertThat(error.detail()).doesNotContain("`").doesNotContain("Json").doesNotContain("Source");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"name":5}                              | name is 5, expected a string
          {"name":true}                           | name is true, expected a string
          {"name":1.5}                            | name is 1.5, expected a string
          {"name":["a"]}                          | name is an array, expected a string
          {"name":{"a":1}}                        | name is an object, expected a string
          {"labels":{"a":null}}                   | labels.a is null, expected a string
          {"labels":{"a":5}}                      | labels.a is 5, expected a string
          {"labels":[]}                           | labels is an array, expected an object
          {"labels":""}                           | labels is "", expected an object
          {"limits":[]}                           | limits is an array, expected an object
          {"expected":5}                          | expected is 5, expected an object
          {"expected":{"files":{}}}               | expected.files is an object, expected an array
          {"expected":{"files":[null]}}           | expected.files[0] is null, expected an object
          {"expected":{"files":["a"]}}            | expected.files[0] is "a", expected an object
          {"expected":{"files":[{"file":"a"},{"file":5}]}} | expected.files[1].file is 5, expected a string
          {"expected":{"count":"5"}}              | expected.count is "5", expected an integer from 0 to 2^53−1 in plain digits
          {"max_skipped":true}                    | max_skipped is true, expected an integer from 0 to 2^53−1 in plain digits
          {"max_skipped":""}                      | max_skipped is "", expected an integer from 0 to 2^53−1 in plain digits
          {"max_skipped":1e2}                     | max_skipped is 1e2, expected an integer from 0 to 2^53−1 in plain digits
          {"max_skipped":99999999999999999999}    | max_skipped is 99999999999999999999, expected an integer from 0 to 2^53−1 in plain digits
          {"resume":"true"}                       | resume is "true", expected true or false
          {"resume":1}                            | resume is 1, expected true or false
          {"resume":""}                           | resume is "", expected true or false
          {"parent":5}                            | parent is 5, expected a UUID
          {"parent":""}                           | parent is "", expected a UUID
          {"parent":"1-1-1-1-1"}                  | parent is "1-1-1-1-1", expected a UUID
          {"parent":"AAAAAAAAAAAAAAAAAAAAAA=="}   | parent is "AAAAAAAAAAAAAAAAAAAAAA==", expected a UUID
          {"zero_rows":1}                         | zero_rows is 1, expected one of allowed, incomplete
          {"zero_rows":""}                        | zero_rows is "", expected one of allowed, incomplete
          {"expected":{"files":[{"sise":1}]}}     | unknown field "expected.files[0].sise"; there is bytes, checksum, file, rows
          []                                      | the body is an array, expected an object
          null                                    | the body is null, expected an object
          "x"                                     | the body is "x", expected an object
          """)
  void whatDoesNotFitIsToldAsItIsAndAsItShouldBe(String json, String told) {
    AuditException error = catchThrowableOfType(AuditException.class, () -> read(json));

    assertThat(error).isNotNull();
    assertThat(error.type().slug()).as(error.detail()).isEqualTo("invalid-request");
    assertThat(error.detail()).isEqualTo(told);
  }

  @Test
  void fieldsOfAnOpeningInTheStreamAreToldAlike() {
    AuditException error =
        catchThrowableOfType(
            AuditException.class, () -> SpecReader.read(Map.of("labels", Map.of("a", 5))));

    assertThat(error).isNotNull();
    assertThat(error.detail()).isEqualTo("labels.a is 5, expected a string");
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
