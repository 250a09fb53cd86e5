package io.fileaudit.it.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.reactivestreams.Publisher;

/** The rules that main code keeps, each with its reason. */
final class ArchitectureRules {
  private static final Set<String> WAITING =
      Set.of("block", "blockOptional", "blockFirst", "blockLast", "toIterable", "toStream");

  static final ArchRule NO_PACKAGE_CYCLES =
      slices()
          .matching("io.fileaudit.(**)")
          .should()
          .beFreeOfCycles()
          .because("a package is understood by reading those it uses, and no others");

  static final ArchRule KAFKA_IN_ONE_PACKAGE =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.fileaudit.server.kafka")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.kafka..", "reactor.kafka..")
          .because("another Kafka client must be able to take the place of this one");

  static final ArchRule DATABASE_IN_ONE_MODULE =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.fileaudit.r2dbc..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.r2dbc..", "org.postgresql..")
          .because("the store's port is all that the rest knows of a database");

  static final ArchRule JDBC_IN_MIGRATIONS_ONLY =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.fileaudit.r2dbc.migration")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..", "org.flywaydb..")
          .because("JDBC blocks its thread, and the migrations run before there is a stream");

  static final ArchRule NOTHING_WAITS_FOR_A_PUBLISHER =
      noClasses()
          .should()
          .accessTargetWhere(
              access(
                  "wait for a publisher",
                  target ->
                      target.getOwner().isAssignableTo(Publisher.class)
                          && WAITING.contains(target.getName())))
          .because("a thread that waits serves nobody else");

  static final ArchRule NOTHING_SLEEPS =
      noClasses()
          .should()
          .accessTargetWhere(
              access(
                  "sleep",
                  target ->
                      (target.getOwner().isEquivalentTo(Thread.class)
                              || target.getOwner().isEquivalentTo(TimeUnit.class))
                          && target.getName().equals("sleep")))
          .because("a delay belongs to a scheduler, where virtual time can replace it");

  static final ArchRule CLOCKS_ARE_GIVEN =
      noClasses()
          .should()
          .accessTargetWhere(
              access(
                  "read the machine's clock",
                  target ->
                      target.getOwner().getPackageName().equals("java.time")
                          && target.getName().equals("now")
                          && target instanceof AccessTarget.CodeUnitAccessTarget now
                          && now.getRawParameterTypes().stream()
                              .noneMatch(type -> type.isEquivalentTo(Clock.class))))
          .because("a time that a test cannot choose cannot be tested");

  static final ArchRule CONSOLE_IS_FOR_THE_COMMAND_LINE =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.fileaudit.server.cli..")
          .should()
          .accessTargetWhere(access("write to the console", ArchitectureRules::isConsole))
          .because("what a service has to say goes to its log");

  private ArchitectureRules() {}

  private static boolean isConsole(AccessTarget target) {
    JavaClass owner = target.getOwner();
    boolean stream =
        owner.isEquivalentTo(System.class) && Set.of("out", "err").contains(target.getName());
    boolean trace =
        owner.isAssignableTo(Throwable.class)
            && target.getName().equals("printStackTrace")
            && target instanceof AccessTarget.CodeUnitAccessTarget print
            && print.getRawParameterTypes().isEmpty();
    return stream || trace;
  }

  /** Matches calls, method references and reads of fields alike. */
  private static DescribedPredicate<JavaAccess<?>> access(
      String what, Predicate<AccessTarget> target) {
    return describe(what, access -> target.test(access.getTarget()));
  }
}
