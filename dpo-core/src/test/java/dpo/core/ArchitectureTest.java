package dpo.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private final JavaClasses core = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(new ImportOption.DoNotIncludeJars())
            .importPackages("dpo.core");

    @Test
    void the_core_depends_only_on_the_jdk_and_on_null_annotations_and_its_solvers_on_hipparchus_and_ojalgo_too() {
        classes()
                .that()
                .resideOutsideOfPackage("dpo.core.theory..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dpo.core..", "java..", "org.jspecify..")
                .check(core);
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dpo.core..", "java..", "org.jspecify..", "org.hipparchus..", "org.ojalgo..")
                .check(core);
    }

    @Test
    void the_packages_of_the_core_have_no_cycles() {
        slices().matching("dpo.core.(*)..").should().beFreeOfCycles().check(core);
    }
}
