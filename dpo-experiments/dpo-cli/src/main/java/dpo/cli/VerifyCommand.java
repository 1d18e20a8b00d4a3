package dpo.cli;

import dpo.core.InvalidInputException;
import dpo.harness.config.Backends;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.report.bundle.Check;
import dpo.report.bundle.Verification;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code dpo verify}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Checks an archive of dpo bundle offline: the hash of every entry, and every number that its files"
                    + " determine: results, evaluations and tables are computed again.",
            "With --rerun, also computes a run again, by dpo reproduce."
        },
        footer = {
            "",
            "Exit codes: 0 verified; 1 something differs; 2 the file is not a bundle, or the"
                    + " run of --rerun cannot be computed again; 130 interrupted."
        })
final class VerifyCommand implements Callable<Integer> {

    private static final int MOST_SHOWN = 20;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE.zip", description = "The archive.")
    private Path bundle = Path.of("");

    @Mixin
    private InputFolders data = new InputFolders();

    @Option(
            names = "--rerun",
            paramLabel = "ID",
            description = "A completed run of the archive that is computed again and compared; its data and models must"
                    + " be at their old places or in the folders of --data.")
    private Optional<String> rerun = Optional.empty();

    @Override
    public Integer call() {
        int[] code = {ErrorMessages.FAILED};
        UserErrors.asInvalidInput(() -> Verification.of(
                bundle, Backends.onClassPath(), data.paths(), VerifyCommand::print, folder -> code[0] = rerun(folder)));
        System.out.println(
                code[0] == 0
                        ? "verified"
                        : code[0] == ErrorMessages.FAILED ? "different" : "the run was not computed again");
        return code[0];
    }

    /** Computes the chosen run again, if one is; returns the exit code. */
    private int rerun(Path folder) {
        if (rerun.isEmpty()) {
            return 0;
        }
        List<RunFolder> runs = new RunFolder(folder).holdsRun()
                ? List.of(new RunFolder(folder))
                : RunFolder.in(folder.resolve("runs"));
        RunFolder run = runs.stream()
                .filter(each -> each.record().map(RunRecord::id).equals(rerun))
                .findFirst()
                .orElseThrow(() -> new InvalidInputException("--rerun must be the id of a run of the bundle, got "
                        + rerun.get() + "; dpo results lists those of the extracted bundle"));
        List<String> arguments = new ArrayList<>(List.of(run.path().toString()));
        data.paths().forEach(each -> arguments.addAll(List.of("--data", each.toString())));
        System.out.println("computed again: " + rerun.get());
        CommandLine reproduce = Objects.requireNonNull(
                Objects.requireNonNull(spec).parent().subcommands().get("reproduce"));
        return reproduce.execute(arguments.toArray(String[]::new));
    }

    private static void print(Check check) {
        System.out.println((check.passed() ? "ok         " : "different  ") + check.name() + ": " + check.counts());
        check.differences().stream().limit(MOST_SHOWN).forEach(difference -> System.out.println("  " + difference));
        if (check.differences().size() > MOST_SHOWN) {
            System.out.println("  and " + (check.differences().size() - MOST_SHOWN) + " more");
        }
    }
}
