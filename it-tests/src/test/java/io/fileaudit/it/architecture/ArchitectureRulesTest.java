package io.fileaudit.it.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.fileaudit.it.architecture.offence.Offences;
import io.fileaudit.it.architecture.offence.left.Left;
import io.fileaudit.it.architecture.offence.right.Right;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Proves that each rule notices what it forbids; a rule that notices nothing looks kept. */
class ArchitectureRulesTest {
  @ParameterizedTest
  @MethodSource("offences")
  void offenceIsNoticed(ArchRule rule, Class<?>[] offenders) {
    JavaClasses classes = new ClassFileImporter().importClasses(offenders);

    assertThat(rule.evaluate(classes).getFailureReport().getDetails()).isNotEmpty();
  }

  static Stream<Arguments> offences() {
    return Stream.of(
        offence(ArchitectureRules.NO_PACKAGE_CYCLES, Left.class, Right.class),
        offence(ArchitectureRules.KAFKA_IN_ONE_PACKAGE, Offences.UsesKafka.class),
        offence(ArchitectureRules.KAFKA_IN_ONE_PACKAGE, Offences.UsesReactorKafka.class),
        offence(ArchitectureRules.DATABASE_IN_ONE_MODULE, Offences.UsesR2dbc.class),
        offence(ArchitectureRules.JDBC_IN_MIGRATIONS_ONLY, Offences.UsesJdbc.class),
        offence(ArchitectureRules.JDBC_IN_MIGRATIONS_ONLY, Offences.TakesDataSource.class),
        offence(ArchitectureRules.NOTHING_WAITS_FOR_A_PUBLISHER, Offences.WaitsForMono.class),
        offence(ArchitectureRules.NOTHING_WAITS_FOR_A_PUBLISHER, Offences.WaitsByReference.class),
        offence(ArchitectureRules.NOTHING_WAITS_FOR_A_PUBLISHER, Offences.WaitsForFlux.class),
        offence(ArchitectureRules.NOTHING_SLEEPS, Offences.Sleeps.class),
        offence(ArchitectureRules.CLOCKS_ARE_GIVEN, Offences.ReadsTheClock.class),
        offence(ArchitectureRules.CLOCKS_ARE_GIVEN, Offences.ReadsTheClockByReference.class),
        offence(ArchitectureRules.CONSOLE_IS_FOR_THE_COMMAND_LINE, Offences.Prints.class),
        offence(ArchitectureRules.CONSOLE_IS_FOR_THE_COMMAND_LINE, Offences.PrintsTrace.class));
  }

  private static Arguments offence(ArchRule rule, Class<?>... offenders) {
    return Arguments.of(rule, offenders);
  }
}
