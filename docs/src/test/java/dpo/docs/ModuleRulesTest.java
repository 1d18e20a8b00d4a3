package dpo.docs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may know whom: the table of docs/architecture.md. */
class ModuleRulesTest {

    private static final String CORE = "dpo.core..";
    private static final String DATA = "dpo.data..";
    private static final String TORCH = "dpo.torch..";
    private static final String EXPERIMENTS = "dpo.experiments..";

    private static final ImportOption NO_TEST_JARS = location -> !location.contains("-tests.jar");

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(NO_TEST_JARS)
            .importPackages("dpo");

    @Test
    void every_module_is_looked_at() {
        for (String name : new String[] {
            "dpo.core.loss.PreferenceLoss", "dpo.data.source.PreferenceSource", "dpo.torch.TorchBackend",
            "dpo.experiments.train.TrainingLoop"
        }) {
            assertThat(ALL.contain(name)).as(name).isTrue();
        }
    }

    @Test
    void the_core_knows_no_other_module() {
        noClasses().that().resideInAPackage(CORE)
                .should().dependOnClassesThat().resideInAnyPackage(DATA, TORCH, EXPERIMENTS)
                .check(ALL);
    }

    @Test
    void data_and_engines_know_the_core_alone() {
        noClasses().that().resideInAPackage(DATA)
                .should().dependOnClassesThat().resideInAnyPackage(TORCH, EXPERIMENTS)
                .check(ALL);
        noClasses().that().resideInAPackage(TORCH)
                .should().dependOnClassesThat().resideInAnyPackage(DATA, EXPERIMENTS)
                .check(ALL);
    }

    @Test
    void experiments_know_no_engine_but_by_its_contract() {
        noClasses().that().resideInAPackage(EXPERIMENTS)
                .should().dependOnClassesThat().resideInAnyPackage(TORCH, "org.bytedeco..")
                .check(ALL);
    }

    @Test
    void libraries_stay_in_the_room_that_they_were_taken_for() {
        noClasses().that().resideOutsideOfPackage(TORCH)
                .should().dependOnClassesThat().resideInAPackage("org.bytedeco..")
                .check(ALL);
        noClasses().that().resideOutsideOfPackage("dpo.data.tokenization..")
                .should().dependOnClassesThat().resideInAPackage("ai.djl..")
                .check(ALL);
        noClasses().that().resideOutsideOfPackage("dpo.experiments.results..")
                .should().dependOnClassesThat().resideInAnyPackage("java.sql..", "org.duckdb..")
                .check(ALL);
        noClasses().that().resideOutsideOfPackage("dpo.experiments.command..")
                .should().dependOnClassesThat().resideInAPackage("picocli..")
                .check(ALL);
    }

    @Test
    void the_packages_of_each_module_have_no_cycles() {
        for (String module : new String[] {"dpo.core", "dpo.data", "dpo.experiments"}) {
            slices().matching(module + ".(*)..").should().beFreeOfCycles().check(ALL);
        }
    }

    @Test
    void every_class_is_final() {
        classes().that().areNotInterfaces().and().areNotEnums().and().areNotAnonymousClasses()
                .should().haveModifier(JavaModifier.FINAL)
                .check(ALL);
    }
}
