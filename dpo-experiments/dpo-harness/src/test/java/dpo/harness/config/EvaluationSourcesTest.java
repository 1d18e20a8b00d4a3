package dpo.harness.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.train.ReferenceUpdates;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Held-out data of one source or of several named ones, and the kinds of a reference. */
class EvaluationSourcesTest {

    private static final String NAMED =
            "{hard: {format: world, pairs: 8}, a_2-b: {format: world, pairs: 4}, again: {format: world, pairs: 8}}";
    private static final String TORCH = """
            name: test
            backend: torch
            model: {path: model, dtype: bfloat16}
            data: {train: {format: standard, path: pairs.jsonl}}
            optimizer: {learning_rate: 0.1}
            """;

    @TempDir
    Path folder;

    private final Backends backends = Backends.onClassPath();

    @Test
    void named_sources_keep_their_order_and_read_back_as_themselves() {
        ExperimentConfig config = with("data.evaluation=" + NAMED);
        assertThat(config.data().evaluation().orElseThrow().byName().keySet())
                .containsExactly("hard", "a_2-b", "again");
        assertThat(Experiments.only(folder, ExperimentFile.resolved(config, backends)))
                .isEqualTo(config);
        ExperimentConfig one = with("data.evaluation={format: world, pairs: 8}");
        assertThat(one.data().evaluation().orElseThrow().byName()).containsOnlyKeys("");
        assertThat(Experiments.only(folder, ExperimentFile.resolved(one, backends)))
                .isEqualTo(one);
        assertThat(with("data.evaluation=" + NAMED, "data.evaluation.hard.pairs=5")
                        .data()
                        .evaluation()
                        .orElseThrow()
                        .byName())
                .containsEntry("hard", new DataSource.World(5));
    }

    @Test
    void all_errors_of_named_sources_are_reported_at_once() {
        assertThatThrownBy(() -> with("data.evaluation={rewards: {format: world, pairs: 8}, 'a b': {pairs: 4},"
                        + " c: {format: world, pairs: 0}, d: 7, e: {format: world, pairs: 1},"
                        + " E: {format: world, pairs: 1}}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(
                        "data.evaluation.rewards must not be a name of metrics (alignment, chosen_log_prob_fell,",
                        "data.evaluation.a b must be a name of letters, digits, '_' and '-', at most 60, got a b",
                        "data.evaluation.a b.format must be given",
                        "data.evaluation.c.pairs must be at least 1, got 0",
                        "data.evaluation.d must be a mapping",
                        "data.evaluation.E must differ from other names by more than case, got E");
        assertThatThrownBy(() -> with("data.evaluation={pairs: 8}"))
                .hasMessageContaining("data.evaluation.format must be given");
    }

    @Test
    void a_reference_follows_the_policy_or_is_a_model_of_its_own_and_not_both() {
        assertThat(with("reference={}").reference())
                .contains(new ReferenceConfig.Moving(new ReferenceUpdates(512, 0.6)));
        assertThat(ExperimentFile.resolved(with("reference={}"), backends))
                .contains("reference:\n  sync_steps: 512\n  mixup_alpha: 0.6\n");
        ExperimentConfig own = Experiments.only(folder, TORCH, "reference={path: other, adapter: lora}");
        Path here = Path.of("").toAbsolutePath();
        assertThat(own.ownReference())
                .contains(new ReferenceConfig.Own(here.resolve("other"), Optional.of(here.resolve("lora"))));
        assertThat(own.trainingSettings().reference()).isEmpty();
        assertThat(Experiments.only(folder, ExperimentFile.resolved(own, backends)))
                .isEqualTo(own);
        assertThat(ReferenceModel.of(own, backends).orElseThrow().model().toString())
                .contains("other", "lora", "dtype=bfloat16");
        assertThatThrownBy(() -> Experiments.only(
                        folder, TORCH, "reference={path: other, sync_steps: 2, mixup_alpha: 0.5, adapt: x}"))
                .hasMessageContainingAll(
                        "reference.sync_steps must be absent with reference.path, whose model stays fixed, got 2",
                        "reference.mixup_alpha must be absent with reference.path",
                        "reference.adapt is not a key here");
        assertThatThrownBy(() -> with("reference={path: other}", "objective.preference={type: simpo}"))
                .hasMessageContaining("reference must be absent for an objective that uses no reference");
        assertThatThrownBy(() -> with("reference={path: other}"))
                .hasMessageContaining(
                        "reference must have no path for a backend whose models are not in folders (tabular)");
    }

    private ExperimentConfig with(String... overrides) {
        return Experiments.only(folder, Experiments.MINIMAL, overrides);
    }
}
