package io.fileaudit.core.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.event.EventError;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The account of a file is a join: what stands does not depend on what came first. */
class FileAccountTest {
  private static final Instant EARLY = Instant.parse("2024-05-11T06:00:00Z");
  private static final Instant LATE = EARLY.plusSeconds(60);

  private static FileEvent.Builder event(EventType type) {
    return FileEvent.of(type, "f").at(EARLY);
  }

  private static FileAccount said(FileEvent.Builder event) {
    return said(1, event);
  }

  private static FileAccount said(int run, FileEvent.Builder event) {
    return FileAccount.of(event.build(), run, LATE);
  }

  /** Both orders of two accounts, which must be one. */
  private static Manifest shown(FileAccount... accounts) {
    List<FileAccount> all = new ArrayList<>(Arrays.asList(accounts));
    FileAccount forwards = all.stream().reduce(FileAccount.UNKNOWN, FileAccount::join);
    Collections.reverse(all);
    FileAccount backwards = all.stream().reduce(FileAccount.UNKNOWN, FileAccount::join);
    assertThat(backwards).isEqualTo(forwards);
    return forwards.toManifest("f");
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void joinIsCommutativeAssociativeAndIdempotent(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 50; i++) {
      FileAccount a = Accounts.random(random);
      FileAccount b = Accounts.random(random);
      FileAccount c = Accounts.random(random);
      assertThat(a.join(b)).isEqualTo(b.join(a));
      assertThat(a.join(b).join(c)).isEqualTo(a.join(b.join(c)));
      assertThat(a.join(a)).isEqualTo(a);
      assertThat(a.join(b).join(b)).isEqualTo(a.join(b));
      assertThat(a.join(FileAccount.UNKNOWN)).isEqualTo(a);
      assertThat(FileAccount.UNKNOWN.join(a)).isEqualTo(a);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void accountComesBackFromItsTextAsItWas(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 50; i++) {
      FileAccount account = Accounts.random(random);

      FileAccount back = FileAccountJson.read(FileAccountJson.write(account));

      assertThat(back).isEqualTo(account);
      assertThat(back.toManifest("f")).isEqualTo(account.toManifest("f"));
      FileAccount other = Accounts.random(random);
      assertThat(back.join(other)).isEqualTo(account.join(other));
    }
  }

  @Test
  void unknownFileComesBackToo() {
    assertThat(FileAccountJson.read(FileAccountJson.write(FileAccount.UNKNOWN)))
        .isEqualTo(FileAccount.UNKNOWN);
  }

  @Test
  void endingsOfOneAttemptRankFailedSkippedCompleted() {
    FileAccount completed = said(event(EventType.COMPLETED).rows(9L));
    FileAccount skipped = said(event(EventType.SKIPPED).rows(5L));
    FileAccount failed = said(event(EventType.FAILED).rows(1L));

    assertThat(shown(completed, skipped).state()).isEqualTo(FileState.SKIPPED);
    assertThat(shown(completed, failed).state()).isEqualTo(FileState.FAILED);
    assertThat(shown(skipped, failed).state()).isEqualTo(FileState.FAILED);
    assertThat(shown(completed, skipped, failed).rows()).isEqualTo(1);
    assertThat(shown(completed, failed).conflict()).isTrue();
  }

  @Test
  void ofEqualTypesTheGreaterFiguresStandInTurn() {
    FileEvent.Builder rows = event(EventType.COMPLETED).rows(2L).bytes(1L);
    FileEvent.Builder bytes = event(EventType.COMPLETED).rows(1L).bytes(9L);
    assertThat(shown(said(rows), said(bytes)).rows()).isEqualTo(2);
    assertThat(shown(said(rows), said(bytes)).bytes())
        .as("the winner's, not the greatest")
        .isEqualTo(1);

    FileEvent.Builder absent = event(EventType.COMPLETED).bytes(9L);
    assertThat(shown(said(rows), said(absent)).bytes()).as("absent is least").isEqualTo(1);

    FileEvent.Builder moreBytes = event(EventType.COMPLETED).rows(2L).bytes(3L);
    assertThat(shown(said(rows), said(moreBytes)).bytes()).isEqualTo(3);

    FileEvent.Builder rejected = event(EventType.COMPLETED).rows(2L).bytes(3L).rejectedRows(0L);
    assertThat(shown(said(moreBytes), said(rejected)).rejectedRows()).isZero();

    FileEvent.Builder someChecksum = event(EventType.COMPLETED).rows(2L).checksum("md5:a");
    FileEvent.Builder otherChecksum = event(EventType.COMPLETED).rows(2L).checksum("md5:b");
    assertThat(shown(said(someChecksum), said(otherChecksum)).checksum()).isEqualTo("md5:b");
  }

  @Test
  void ofEqualFiguresTheGreaterTextStands() {
    FileAccount one = said(event(EventType.FAILED).rows(1L).error("a", null));
    FileAccount other = said(event(EventType.FAILED).rows(1L).error("b", null).at(LATE));

    assertThat(shown(one, other).error().code()).isEqualTo("b");
    assertThat(shown(one, other).endedAt()).as("the winner's").isEqualTo(LATE);
    assertThat(shown(one, other).conflict()).isTrue();
  }

  @Test
  void errorAndAttributesAreTheWinners() {
    FileAccount one =
        said(
            event(EventType.FAILED)
                .rows(2L)
                .error("disk", "full")
                .attributes(Map.of("worker", "w1")));
    FileAccount other =
        said(event(EventType.FAILED).rows(1L).error("net", null).attributes(Map.of("extra", 1)));

    Manifest manifest = shown(one, other);

    assertThat(manifest.error()).isEqualTo(new EventError("disk", "full", null, null));
    assertThat(manifest.attributes()).isEqualTo(Map.of("worker", "w1"));
    assertThat(manifest.conflict()).isTrue();
  }

  @Test
  void ofEqualEndingsTheEarlierTimeStandsAndThereIsNoConflict() {
    FileAccount early = said(event(EventType.COMPLETED).rows(1L).position(4L).id("x"));
    FileAccount late = said(event(EventType.COMPLETED).rows(1L).at(LATE).id("y"));

    Manifest manifest = shown(early, late);

    assertThat(manifest.endedAt()).isEqualTo(EARLY);
    assertThat(manifest.conflict()).isFalse();
  }

  @Test
  void conflictIsNotForgotten() {
    FileAccount one = said(event(EventType.COMPLETED).rows(1L));
    FileAccount two = said(event(EventType.COMPLETED).rows(2L));
    FileAccount retry = said(event(EventType.COMPLETED).rows(2L).attempt(2));

    assertThat(shown(one, two, retry).conflict()).isTrue();
    assertThat(shown(one, retry).conflict()).isFalse();
  }

  @Test
  void figuresSoFarAreMaxima() {
    Manifest manifest =
        shown(
            said(event(EventType.STARTED).rows(3L)),
            said(event(EventType.PROGRESS).rows(10L).bytes(5L)),
            said(event(EventType.PROGRESS).rows(7L).bytes(50L).rejectedRows(1L)));

    assertThat(manifest.state()).isEqualTo(FileState.RUNNING);
    assertThat(manifest.rows()).isEqualTo(10);
    assertThat(manifest.bytes()).isEqualTo(50);
    assertThat(manifest.rejectedRows()).isEqualTo(1);
  }

  @Test
  void figureThatTheEndingLeavesOutIsItsAttemptsMaximum() {
    Manifest manifest =
        shown(
            said(event(EventType.PROGRESS).rows(10L).bytes(50L)),
            said(event(EventType.COMPLETED).rows(9L)),
            said(event(EventType.PROGRESS).attempt(2).rows(99L).bytes(99L)),
            said(event(EventType.COMPLETED).attempt(2)));

    assertThat(manifest.rows()).isEqualTo(99);
    Manifest first =
        shown(
            said(event(EventType.PROGRESS).rows(10L).bytes(50L)),
            said(event(EventType.COMPLETED).rows(9L)));
    assertThat(first.rows()).as("what the ending says stands").isEqualTo(9);
    assertThat(first.bytes()).isEqualTo(50);
  }

  @Test
  void startIsTheLeastAndProgressIsNoStart() {
    assertThat(
            shown(said(event(EventType.STARTED).at(LATE)), said(event(EventType.STARTED)))
                .startedAt())
        .isEqualTo(EARLY);
    assertThat(shown(said(event(EventType.PROGRESS))).startedAt()).isNull();
    assertThat(shown(said(event(EventType.PROGRESS))).state()).isEqualTo(FileState.RUNNING);
  }

  @Test
  void highestRunAndAttemptIsShown() {
    FileAccount firstRun = said(1, event(EventType.FAILED).attempt(5));
    FileAccount secondRun = said(2, event(EventType.COMPLETED).rows(3L));

    assertThat(shown(firstRun, secondRun).state()).isEqualTo(FileState.COMPLETED);
    assertThat(shown(firstRun, secondRun).run()).isEqualTo(2);
    assertThat(shown(firstRun, secondRun).attempt()).isEqualTo(1);
    assertThat(shown(firstRun, secondRun).attempts()).isEqualTo(2);
    assertThat(shown(secondRun, said(2, event(EventType.STARTED).attempt(2))).state())
        .isEqualTo(FileState.RUNNING);
  }

  @Test
  void lateNewsOfAnOlderAttemptChangesNothingShown() {
    FileAccount done = said(event(EventType.COMPLETED).attempt(2).rows(3L));

    Manifest manifest = shown(done, said(event(EventType.PROGRESS).attempt(1).rows(99L)));

    assertThat(manifest.state()).isEqualTo(FileState.COMPLETED);
    assertThat(manifest.rows()).isEqualTo(3);
  }

  @Test
  void skippedNeverHidesAnEarlierCompleted() {
    FileAccount completed = said(1, event(EventType.COMPLETED).rows(7L));
    FileAccount later = said(1, event(EventType.COMPLETED).rows(8L).attempt(2));
    FileAccount failed = said(1, event(EventType.FAILED).attempt(3));
    FileAccount skipped = said(2, event(EventType.SKIPPED));

    assertThat(shown(completed, skipped).state()).isEqualTo(FileState.COMPLETED);
    assertThat(shown(completed, skipped).rows()).isEqualTo(7);
    assertThat(shown(completed, later, skipped).rows()).isEqualTo(8);
    assertThat(shown(completed, failed, skipped).state()).isEqualTo(FileState.COMPLETED);
    assertThat(shown(failed, skipped).state()).isEqualTo(FileState.SKIPPED);
    assertThat(shown(completed, failed).state()).isEqualTo(FileState.FAILED);
  }

  @Test
  void expectationIsThatOfTheHighestRunThenTheGreatestFigures() {
    FileAccount first = said(1, event(EventType.EXPECTED).rows(1_000L).checksum("md5:z"));
    FileAccount some = said(2, event(EventType.EXPECTED).rows(5L).bytes(1L));
    FileAccount others = said(2, event(EventType.EXPECTED).rows(4L).bytes(9L).checksum("md5:a"));

    Manifest manifest = shown(first, some, others);

    assertThat(manifest.expected()).isTrue();
    assertThat(manifest.expectedRows()).isEqualTo(5);
    assertThat(manifest.expectedBytes()).isEqualTo(9);
    assertThat(manifest.expectedChecksum()).isEqualTo("md5:a");
    assertThat(manifest.state()).isEqualTo(FileState.EXPECTED);
  }

  @Test
  void discoveredAtTheLeastTimeOrOnArrival() {
    assertThat(
            shown(said(event(EventType.DISCOVERED).at(LATE)), said(event(EventType.DISCOVERED)))
                .discoveredAt())
        .isEqualTo(EARLY);
    assertThat(shown(said(event(EventType.DISCOVERED).at(null))).discoveredAt()).isEqualTo(LATE);
    assertThat(shown(said(event(EventType.EXPECTED)), said(event(EventType.DISCOVERED))).state())
        .isEqualTo(FileState.DISCOVERED);
  }

  @Test
  void attemptIsTheFirstWhereNoneIsNamed() {
    assertThat(
            shown(said(event(EventType.STARTED)), said(event(EventType.COMPLETED).attempt(1)))
                .attempts())
        .isEqualTo(1);
  }

  @Test
  void shortIsACompletedFileThatFallsShort() {
    FileAccount expected = said(event(EventType.EXPECTED).rows(10L).bytes(5L).checksum("md5:a"));
    FileEvent.Builder enough = event(EventType.COMPLETED).rows(10L).bytes(6L).checksum("md5:a");

    assertThat(expected.join(said(enough)).isShort()).isFalse();
    assertThat(expected.join(said(enough.rows(9L))).isShort()).isTrue();
    assertThat(expected.join(said(enough.rows(null))).isShort()).isTrue();
    assertThat(expected.join(said(enough.rows(10L).bytes(4L))).isShort()).isTrue();
    assertThat(expected.join(said(enough.bytes(5L).checksum("md5:b"))).isShort()).isTrue();
    assertThat(expected.join(said(event(EventType.FAILED))).isShort())
        .as("failed is told as failed")
        .isFalse();
    assertThat(expected.join(said(event(EventType.STARTED).rows(1L))).isShort())
        .as("not yet")
        .isFalse();
    assertThat(said(event(EventType.COMPLETED).rows(0L)).isShort())
        .as("nothing was announced")
        .isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = EventType.class,
      names = {"HEARTBEAT", "OPENED", "ENDED"})
  void whatIsNotAboutAFileHasNoAccount(EventType type) {
    assertThatThrownBy(() -> FileEvent.of(type, "f").build())
        .isInstanceOf(IllegalArgumentException.class);
  }
}
