package dpo.cli;

import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.loss.catalog.Objectives;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code dpo losses}. */
@Command(
        name = "losses",
        mixinStandardHelpOptions = true,
        description =
                "Lists every objective: formula, parameters with ranges and defaults, paper, value at initialisation.")
final class LossesCommand implements Callable<Integer> {

    @Override
    public Integer call() {
        System.out.println(
                "Δ = s_w - s_l, s = log πθ - log π_ref of a completion; losses are means over pairs, in nats.");
        System.out.println();
        System.out.println("objective.preference: {type: …}, or a list of such mappings, each with a weight");
        Objectives.published().forEach(LossesCommand::print);
        System.out.println();
        System.out.println("keys of the section 'objective' that modify these objectives");
        Objectives.modifiers().forEach(LossesCommand::print);
        return 0;
    }

    private static void print(Class<? extends PreferenceLoss> loss) {
        Published published = loss.getAnnotation(Published.class);
        System.out.println();
        System.out.println(published.type());
        System.out.println("  formula     " + published.formula());
        System.out.println("  paper       " + published.paper());
        System.out.println("  at π = ref  " + published.atInitialisation());
        SettingLines.print(loss, "  ");
    }
}
