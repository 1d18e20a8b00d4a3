package dpo.harness.sweep;

import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.Json;
import dpo.train.Budget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The model card beside a saved policy: {@code README.md} with the front matter of the Hugging Face hub, the objective,
 * the data with their hashes, the training and the results. It is a function of the run's inputs and results, without
 * times and folders, so a reproduced run has the same card.
 */
final class ModelCard {

    private static final List<String> TRAINING =
            List.of("objective", "method", "optimizer", "schedule", "training", "seed");

    private static final List<String> DATA = List.of("reader", "sha256", "used", "tokenized");

    private static final String SECONDS = Budget.PREFIX + "seconds";

    /** The name of the file. */
    static final String FILE = "README.md";

    private ModelCard() {}

    /**
     * Writes the card into the folder of a model.
     *
     * @param result the final metrics
     */
    static void write(Path model, PlannedRun run, Map<String, Double> result, Backends backends) {
        if (Files.isDirectory(model)) {
            DurableFiles.write(model.resolve(FILE), text(run, result, backends));
        }
    }

    private static String text(PlannedRun run, Map<String, Double> result, Backends backends) {
        StringBuilder card = new StringBuilder("---\ntags: [dpo, preference-optimization]\n---\n\n");
        card.append("# ").append(heading(run)).append("\n\n");
        card.append("A policy trained on preferences by Direct Preference Optimization or a related method; see the"
                        + " objective below. Backend: `")
                .append(run.config().backend())
                .append("`. Model before training: ");
        card.append("SHA-256 `").append(run.identity().model()).append("`.\n\n");
        card.append("## Objective and training\n\n```yaml\n")
                .append(ExperimentFile.resolved(run.config(), backends, TRAINING))
                .append("```\n\n");
        card.append("## Data\n\n| part | reader | SHA-256 | rows used | tokenized |\n|---|---|---|---|---|\n");
        run.data().provenance().forEach((part, facts) -> {
            card.append("| ").append(cell(part));
            DATA.forEach(name -> card.append(" | ").append(cell(facts.getOrDefault(name, "–"))));
            card.append(" |\n");
        });
        card.append("\n## Results\n\n| metric | value |\n|---|---|\n");
        result.forEach((metric, value) -> {
            if (!metric.equals(SECONDS)) {
                card.append("| ")
                        .append(cell(metric))
                        .append(" | ")
                        .append(Double.isFinite(value) ? Json.number(value) : "not a number")
                        .append(" |\n");
            }
        });
        return card.append(
                        "\nThe run folder holds every step, evaluation and held-out pair; `dpo reproduce` computes it"
                                + " again.\n")
                .toString();
    }

    /** The name of the experiment and of the run, on one line, as text. */
    private static String heading(PlannedRun run) {
        String name = run.label().isEmpty() ? run.config().name() : run.config().name() + ": " + run.label();
        return name.replaceAll("[\\p{Cntrl}<>\\[\\]`*]", " ");
    }

    private static String cell(String text) {
        return "`" + text.replaceAll("[\\p{Cntrl}`|]", " ") + "`";
    }
}
