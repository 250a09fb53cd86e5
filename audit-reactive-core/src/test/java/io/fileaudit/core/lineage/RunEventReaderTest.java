package io.fileaudit.core.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Events of OpenLineage are read as far as they are about files, and refused by name. */
class RunEventReaderTest {
  private static final String RUN = "0197c1de-6a3c-7b57-8f7b-0d7c3f1f3a55";

  private static final String WHOLE =
      """
      {"eventType":"COMPLETE","eventTime":"2026-11-23T14:00:00.123+01:00",
       "producer":"https://example.org/loader","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
       "run":{"runId":"%s","facets":{
         "errorMessage":{"message":"disk full","programmingLanguage":"JAVA","stackTrace":"at …"},
         "nominalTime":{"nominalStartTime":"2025-02-01T00:00:00Z","nominalEndTime":"2025-03-01T00:00:00Z"},
         "parent":{"run":{"runId":"0197c1de-6a3c-7b57-8f7b-0d7c3f1f3a56"},"job":{"namespace":"airflow","name":"dag"}},
         "mine":{"deep":[[[{"x":1.5,"y":12345678901234567890}]]],"none":null}}},
       "job":{"namespace":"airflow","name":"load"},
       "inputs":[{"namespace":"s3://bucket","name":"in/a.csv","inputFacets":{"inputStatistics":{"rowCount":10,"size":100}}},
                 {"namespace":"file","name":"/data/b.csv"}],
       "outputs":[{"namespace":"postgres://db","name":"public.t","outputFacets":{"outputStatistics":{"rowCount":9,"size":90,"fileCount":1}}}]}
      """
          .formatted(RUN);

  private static RunEvent read(String json) {
    return RunEventReader.read(json.getBytes(StandardCharsets.UTF_8)).orElseThrow();
  }

  private static AuditException refused(String json) {
    return catchThrowableOfType(AuditException.class, () -> read(json));
  }

  @Test
  void readsWhatIsAboutFiles() {
    RunEvent event = read(WHOLE);

    assertThat(event.run()).isEqualTo(UUID.fromString(RUN));
    assertThat(event.state()).isEqualTo(RunState.COMPLETE);
    assertThat(event.at()).isEqualTo(Instant.parse("2026-11-23T13:00:00.123Z"));
    assertThat(event.job()).isEqualTo(new RunEvent.Job("airflow", "load"));
    assertThat(event.inputs())
        .isEqualTo(
            List.of(
                new RunDataset("s3://bucket/in/a.csv", 10L, 100L),
                new RunDataset("file/data/b.csv", null, null)));
    assertThat(event.outputs())
        .isEqualTo(List.of(new RunDataset("postgres://db/public.t", 9L, 90L)));
    assertThat(event.error()).isEqualTo("disk full");
    assertThat(event.period()).isEqualTo("2025-02");
    assertThat(event.parent())
        .isEqualTo(
            new RunEvent.Parent(
                UUID.fromString("0197c1de-6a3c-7b57-8f7b-0d7c3f1f3a56"),
                new RunEvent.Job("airflow", "dag")));
  }

  @Test
  void hashIsThatOfTheContentWhateverItsForm() {
    String same =
        WHOLE
            .replace("\n", "")
            .replace("\"rowCount\":10,\"size\":100", "\"size\":100, \"rowCount\":10");

    assertThat(read(same).hash()).isEqualTo(read(WHOLE).hash()).hasSize(64);
    assertThat(read(WHOLE.replace("\"x\":1.5", "\"x\":1.25")).hash())
        .isNotEqualTo(read(WHOLE).hash());
    assertThat(read(WHOLE.replace("12345678901234567890", "12345678901234567891")).hash())
        .isNotEqualTo(read(WHOLE).hash());
  }

  @Test
  void datasetNamedTwiceIsOneFileWithItsGreatestFigures() {
    RunEvent event =
        read(
            WHOLE.replace(
                "{\"namespace\":\"file\",\"name\":\"/data/b.csv\"}",
                "{\"namespace\":\"s3://bucket\",\"name\":\"in/a.csv\",\"inputFacets\":{\"inputStatistics\":{\"rowCount\":12}}}"));

    assertThat(event.inputs())
        .isEqualTo(List.of(new RunDataset("s3://bucket/in/a.csv", 12L, 100L)));
  }

  @Test
  void outermostRunIsTheParent() {
    RunEvent event =
        read(
            WHOLE.replace(
                "\"job\":{\"namespace\":\"airflow\",\"name\":\"dag\"}}",
                "\"job\":{\"namespace\":\"airflow\",\"name\":\"dag\"},\"root\":{\"run\":{\"runId\":\"0197c1de-6a3c-7b57-8f7b-0d7c3f1f3a57\"},\"job\":{\"namespace\":\"a\",\"name\":\"root\"}}}"));

    assertThat(event.parent().run())
        .isEqualTo(UUID.fromString("0197c1de-6a3c-7b57-8f7b-0d7c3f1f3a57"));
    assertThat(event.parent().job().name()).isEqualTo("root");
  }

  @Test
  void runThatNamesItselfHasNoParent() {
    assertThat(read(WHOLE.replace("8f7b-0d7c3f1f3a56", "8f7b-0d7c3f1f3a55")).parent()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "2025-02-01T00:00:00Z, 2025-03-01T00:00:00Z, 2025-02",
    "2025-12-01T00:00:00Z, 2026-01-01T00:00:00Z, 2025-12",
    "2025-02-01T00:00:00Z, 2025-02-02T00:00:00Z, 2025-02-01",
    "2025-02-03T00:00:00Z, , 2025-02-03",
    "2025-02-03T05:30:00Z, 2025-02-03T06:30:00Z, 2025-02-03T05:30:00Z"
  })
  void nominalTimeIsThePeriod(Instant start, Instant end, String period) {
    assertThat(RunEventReader.period(start, end)).isEqualTo(period);
  }

  @Test
  void longNameIsCutAndStaysItsOwn() {
    String one = read(WHOLE.replace("in/a.csv", "x".repeat(2_000) + "1")).inputs().get(0).file();
    String two = read(WHOLE.replace("in/a.csv", "x".repeat(2_000) + "2")).inputs().get(0).file();

    assertThat(one).isNotEqualTo(two);
    assertThat(one.length()).isLessThanOrEqualTo(1024);
  }

  @Test
  void whatIsNotAboutARunIsPassedOver() {
    String dataset =
        "{\"eventTime\":\"2026-11-23T14:00:00Z\",\"producer\":\"p\",\"dataset\":{\"namespace\":\"n\",\"name\":\"d\"}}";
    String job =
        "{\"eventTime\":\"2026-11-23T14:00:00Z\",\"producer\":\"p\",\"job\":{\"namespace\":\"n\",\"name\":\"j\"}}";

    assertThat(RunEventReader.read(dataset.getBytes(StandardCharsets.UTF_8))).isEmpty();
    assertThat(RunEventReader.read(job.getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @Test
  void missingStateIsAnAnnotation() {
    assertThat(read(WHOLE.replace("\"eventType\":\"COMPLETE\",", "")).state())
        .isEqualTo(RunState.OTHER);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"COMPLETE\" | \"DONE\" | eventType is \"DONE\", expected START, RUNNING, COMPLETE, FAIL, ABORT or OTHER",
        "2026-11-23T14:00:00.123+01:00 | yesterday | eventTime is \"yesterday\", expected an RFC 3339 time",
        "0197c1de-6a3c-7b57-8f7b-0d7c3f1f3a55 | 17 | run.runId is \"17\", expected a UUID",
        "\"name\":\"load\" | \"name\":7 | job.name is 7, expected a string",
        "\"name\":\"load\" | \"name\":\"\" | job.name is \"\", expected a string that is not empty",
        "\"rowCount\":10 | \"rowCount\":-1 | inputs[0].inputFacets.inputStatistics.rowCount is -1, expected an integer",
        "\"rowCount\":9, | \"rowCount\":1.5, | outputs[0].outputFacets.outputStatistics.rowCount is 1.5, expected",
        "\"size\":100 | \"size\":9007199254740992 | inputs[0].inputFacets.inputStatistics.size is 9007199254740992",
        "in/a.csv | in\\u0000a.csv | inputs[0].name contains U+0000",
        "\"inputs\":[ | \"inputs\":[7, | inputs[0] is 7, expected an object",
        "\"message\":\"disk full\" | \"message\":7 | run.facets.errorMessage.message is 7, expected a string",
        "{\"nominalStartTime\":\"2025-02-01T00:00:00Z\" | {\"nominalStartTime\":\"soon\" | run.facets.nominalTime.nominalStartTime is \"soon\"",
        "\"job\":{\"namespace\":\"airflow\",\"name\":\"load\"} | \"job\":[] | job is an array, expected an object"
      })
  void whatIsWrongIsNamed(String right, String wrong, String detail) {
    AuditException refusal = refused(WHOLE.replace(right, wrong));

    assertThat(refusal.type()).isEqualTo(ProblemType.INVALID_EVENT);
    assertThat(refusal.detail()).contains(detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"{ | not readable", "{\"a\":1,\"a\":2} | Duplicate", "{} {} | not readable"})
  void whatIsNoJsonIsSaidToBeNone(String json, String detail) {
    AuditException refusal = refused(json);

    assertThat(refusal.type()).isEqualTo(ProblemType.MALFORMED_JSON);
    assertThat(refusal.detail()).contains(detail);
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "[".repeat(1_000) + "]".repeat(1_000);

    assertThat(refused(WHOLE.replace("1.5", deep)).type()).isEqualTo(ProblemType.MALFORMED_JSON);
  }

  @Test
  void arrayIsExpectedOfMany() {
    AuditException refusal =
        catchThrowableOfType(
            AuditException.class,
            () -> RunEventReader.readAll("{}".getBytes(StandardCharsets.UTF_8)));

    assertThat(refusal.type()).isEqualTo(ProblemType.INVALID_REQUEST);
  }
}
