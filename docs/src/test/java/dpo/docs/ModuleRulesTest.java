package dpo.docs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The allowed dependencies of modules, as in the table of docs/architecture.md. */
class ModuleRulesTest {

    private static final String CORE = "dpo.core..";
    private static final String DATA = "dpo.data..";
    private static final String TORCH = "dpo.torch..";
    private static final String ND4J = "dpo.nd4j..";
    private static final String TRAIN = "dpo.train..";
    private static final String STATISTICS = "dpo.statistics..";
    private static final String HARNESS = "dpo.harness..";
    private static final String REPORT = "dpo.report..";
    private static final String LAB = "dpo.lab..";
    private static final String CLI = "dpo.cli..";

    private static final ImportOption NO_TEST_JARS = location -> !location.contains("-tests.jar");

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(NO_TEST_JARS)
            .importPackages("dpo");

    @Test
    void every_module_is_imported() {
        for (String name : new String[] {
            "dpo.core.loss.PreferenceLoss",
            "dpo.data.source.PreferenceSource",
            "dpo.torch.TorchBackend",
            "dpo.train.TrainingLoop",
            "dpo.statistics.Interval",
            "dpo.harness.sweep.Sweep",
            "dpo.report.results.Results",
            "dpo.lab.Experiment",
            "dpo.cli.DpoCommand"
        }) {
            assertThat(ALL.contain(name)).as(name).isTrue();
        }
    }

    @Test
    void each_module_depends_only_on_those_below_it() {
        requireUnknown(CORE, DATA, TORCH, TRAIN, HARNESS, REPORT, LAB, CLI);
        requireUnknown(DATA, TORCH, TRAIN, HARNESS, REPORT, LAB, CLI);
        requireUnknown(TRAIN, TORCH, HARNESS, REPORT, LAB, CLI);
        requireUnknown(STATISTICS, CORE, DATA, TORCH, TRAIN, HARNESS, REPORT, LAB, CLI);
        requireUnknown(HARNESS, STATISTICS, TORCH, REPORT, LAB, CLI);
        requireUnknown(REPORT, TORCH, LAB, CLI);
        requireUnknown(LAB, TORCH, CLI);
    }

    @Test
    void backends_depend_on_the_core_only_and_are_used_through_its_interfaces_only() {
        requireUnknown(TORCH, DATA, TRAIN, HARNESS, REPORT, LAB, CLI);
        requireUnknown(CLI, TORCH, "org.bytedeco..");
        noClasses()
                .that()
                .resideInAPackage(ND4J) // none without the profile nd4j
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(DATA, TORCH, TRAIN, HARNESS, REPORT, LAB, CLI)
                .allowEmptyShould(true)
                .check(ALL);
    }

    private static void requireUnknown(String module, String... others) {
        noClasses()
                .that()
                .resideInAPackage(module)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .check(ALL);
    }

    @Test
    void each_library_is_used_only_in_its_own_package() {
        noClasses()
                .that()
                .resideOutsideOfPackage(TORCH)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(ALL);
        noClasses()
                .that()
                .resideOutsideOfPackage(ND4J)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.nd4j..", "org.deeplearning4j..")
                .check(ALL);
        noClasses()
                .that()
                .resideOutsideOfPackage("dpo.data.tokenization..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl..")
                .check(ALL);
        noClasses()
                .that()
                .resideOutsideOfPackage("dpo.data.provenance..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.tribuo..", "com.oracle.labs..")
                .check(ALL);
        noClasses()
                .that()
                .resideOutsideOfPackage("dpo.report.results..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "org.duckdb..")
                .check(ALL);
        noClasses()
                .that()
                .resideOutsideOfPackage("dpo.report.figure..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.jfree..", "org.apache.batik..", "org.apache.pdfbox..", "de.rototor..", "com.pngencoder..")
                .check(ALL);
        noClasses()
                .that()
                .resideOutsideOfPackage(STATISTICS)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.commons.statistics..")
                .check(ALL);
        noClasses()
                .that()
                .resideOutsideOfPackages("dpo.core.theory..", "dpo.lab..", "dpo.harness.config..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.hipparchus..")
                .check(ALL);
        noClasses()
                .that()
                .resideOutsideOfPackage("dpo.core.theory..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.ojalgo..")
                .check(ALL);
        noClasses()
                .that()
                .resideOutsideOfPackage("dpo.report.export..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.net.http..")
                .check(ALL);
        noClasses()
                .that()
                .resideOutsideOfPackage("dpo.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("picocli..")
                .check(ALL);
    }

    @Test
    void the_packages_of_each_module_have_no_cycles() {
        for (String module : new String[] {"dpo.core", "dpo.data", "dpo.harness", "dpo.report"}) {
            slices().matching(module + ".(*)..").should().beFreeOfCycles().check(ALL);
        }
    }

    /** Every package separately, including the root and nested ones. */
    @Test
    void the_packages_of_the_torch_backend_have_no_cycles() {
        slices().assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        return type.getPackageName().startsWith("dpo.torch")
                                ? SliceIdentifier.of(type.getPackageName())
                                : SliceIdentifier.ignore();
                    }

                    @Override
                    public String getDescription() {
                        return "packages of dpo.torch";
                    }
                })
                .should()
                .beFreeOfCycles()
                .check(ALL);
    }

    @Test
    void every_class_is_final() {
        classes()
                .that()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .and()
                .areNotAnonymousClasses()
                .should()
                .haveModifier(JavaModifier.FINAL)
                .check(ALL);
    }

    /** Calls whose result depends on the machine's locale, charset or time zone, on chance or on the order of threads. */
    private static final Set<String> DEPENDENT = Set.of(
            "java.lang.Math.random",
            "java.nio.charset.Charset.defaultCharset",
            "java.time.ZoneId.systemDefault",
            "java.util.Locale.getDefault",
            "java.util.TimeZone.getDefault",
            "java.util.UUID.randomUUID",
            "java.util.Collection.parallelStream",
            "java.util.stream.BaseStream.parallel",
            "java.util.concurrent.ThreadLocalRandom.current");

    /** Calls whose result depends on the machine unless a locale, charset, seed or time zone is passed. */
    private static final Set<String> DEPENDENT_BY_DEFAULT = Set.of(
            "java.lang.String.format",
            "java.lang.String.formatted",
            "java.lang.String.toLowerCase",
            "java.lang.String.toUpperCase",
            "java.lang.String.getBytes",
            "java.io.PrintStream.format",
            "java.io.PrintStream.printf",
            "java.io.PrintWriter.format",
            "java.io.PrintWriter.printf",
            "java.io.ByteArrayOutputStream.toString",
            "java.util.Formatter.<init>",
            "java.io.FileReader.<init>",
            "java.io.FileWriter.<init>",
            "java.io.InputStreamReader.<init>",
            "java.io.OutputStreamWriter.<init>",
            "java.io.PrintStream.<init>",
            "java.util.Scanner.<init>",
            "java.util.Random.<init>",
            "java.text.DecimalFormat.<init>",
            "java.text.SimpleDateFormat.<init>",
            "java.text.NumberFormat.getInstance",
            "java.text.Collator.getInstance",
            "java.time.LocalDate.now",
            "java.time.LocalDateTime.now",
            "java.time.ZonedDateTime.now");

    private static final Set<String> FIXED_BY = Set.of(
            "java.util.Locale",
            "java.nio.charset.Charset",
            "long",
            "java.time.ZoneId",
            "java.time.Clock",
            "java.text.DecimalFormatSymbols");

    @Test
    void results_depend_on_no_locale_charset_time_zone_or_chance_of_the_machine() {
        noClasses()
                .should()
                .accessTargetWhere(new DescribedPredicate<JavaAccess<?>>("it depends on the machine") {
                    @Override
                    public boolean test(JavaAccess<?> access) {
                        return isDependent(access);
                    }
                })
                .check(ALL);
    }

    private static boolean isDependent(JavaAccess<?> access) {
        if (!(access instanceof JavaCodeUnitAccess<?> call)) {
            return false;
        }
        Set<String> names = call.getTargetOwner().getAllClassesSelfIsAssignableTo().stream()
                .map(owner -> owner.getName() + "." + call.getTarget().getName())
                .collect(Collectors.toSet());
        List<String> parameters = call.getTarget().getRawParameterTypes().stream()
                .map(JavaClass::getName)
                .toList();
        return names.stream().anyMatch(DEPENDENT::contains)
                || names.stream().anyMatch(DEPENDENT_BY_DEFAULT::contains)
                        && parameters.stream().noneMatch(FIXED_BY::contains);
    }
}
