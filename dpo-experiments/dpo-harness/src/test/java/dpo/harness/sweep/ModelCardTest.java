package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.store.Json;
import dpo.harness.store.RunFolder;
import dpo.harness.store.RunRecord;
import dpo.train.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCardTest {

    @TempDir
    private Path folder;

    private static String card(Path run) throws IOException {
        return Files.readString(new RunFolder(run).checkpoints().trained().resolve(ModelCard.FILE));
    }

    @Test
    void a_saved_policy_has_a_card_with_objective_data_and_results_that_does_not_depend_on_folder_and_time()
            throws IOException {
        SweepRuns sweeps = new SweepRuns(folder);
        for (String name : new String[] {"first", "second"}) {
            sweeps.start(name, 1, Progress.SILENT, () -> false, new ArrayList<>(), "sweep={seed: [1]}");
        }

        Path run = sweeps.runs("first").get(0);
        RunRecord record = new RunFolder(run).record().orElseThrow();
        assertThat(card(run))
                .isEqualTo(card(sweeps.runs("second").get(0)))
                .startsWith("---\ntags: [dpo, preference-optimization]\n---\n\n# world: seed=1\n")
                .contains("type: ipo", "learning_rate: 0.05", "| `train` |")
                .contains("| `world/reward` | " + Json.number(record.result().get("world/reward")) + " |");
        assertThat(new RunFolder(run).damage(true)).isEmpty();
    }
}
