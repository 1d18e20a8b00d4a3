package dpo.data.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tribuo.provenance.ModelProvenance;

/** The provenance of a run in Tribuo's types. */
class RunProvenanceTest {

    private static ModelProvenance run(int used) {
        SourceProvenance source = new SourceProvenance(
                "dpo.data.format.Standard",
                Map.of("limit", "3"),
                "pairs.jsonl",
                "ab".repeat(32),
                3,
                used,
                0,
                Map.of("empty_completion", 3 - used));
        return RunProvenance.of(
                "dpo.core.backend.Policy",
                Instant.parse("2026-01-02T03:04:05Z"),
                source,
                used,
                new TrainingProvenance("dpo.train.TrainingLoop", Map.of("objective.preference.beta", "0.1")),
                Map.of("evaluation", source),
                Map.of("environment.cores", "2"));
    }

    @Test
    void tribuo_reads_the_json_back_as_an_equal_provenance_with_that_of_the_data() {
        ModelProvenance read = RunProvenance.read(RunProvenance.toJson(run(2)));
        assertThat(read).isEqualTo(run(2));
        assertThat(read.getDatasetProvenance().getSourceProvenance()).isInstanceOf(SourceProvenance.class);
        assertThat(read.getDatasetProvenance().getNumExamples()).isEqualTo(2);
    }

    @Test
    void two_runs_differ_at_the_paths_of_what_differs() {
        Map<String, String> one = RunProvenance.flat(run(2));
        Map<String, String> other = RunProvenance.flat(run(1));
        assertThat(one.keySet()).isEqualTo(other.keySet());
        assertThat(one.keySet().stream().filter(path -> !one.get(path).equals(other.get(path))))
                .containsExactly(
                        "dataset.datasource.rows-dropped.empty_completion",
                        "dataset.datasource.rows-used",
                        "dataset.num-examples",
                        "instance-values.evaluation.rows-dropped.empty_completion",
                        "instance-values.evaluation.rows-used");
        assertThat(one).containsEntry("trainer.objective.preference.beta", "0.1");
    }

    @Test
    void text_that_is_no_provenance_of_a_model_is_an_error() {
        assertThatThrownBy(() -> RunProvenance.read("{}")).isInstanceOf(IllegalArgumentException.class);
    }
}
