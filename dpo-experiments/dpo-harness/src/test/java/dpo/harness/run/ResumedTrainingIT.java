package dpo.harness.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenStatistic;
import dpo.core.loss.Normalizer;
import dpo.core.loss.token.Tdpo2Loss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that is stopped and resumed ends with the results of an uninterrupted one. */
class ResumedTrainingIT {

    private static final String TWO_SETS_FROM_THE_START = "training.evaluate_at_start=true;data.evaluation="
            + "{some: {format: world, pairs: 20}, others: {format: world, pairs: 9}}";

    @TempDir
    Path folder;

    private final TabularRuns runs = new TabularRuns(() -> folder);

    @ParameterizedTest
    @ValueSource(strings = {"seed=1", "training.checkpoint_every=1000", TWO_SETS_FROM_THE_START})
    void training_stopped_at_any_time_resumes_and_ends_with_the_same_results(String other) throws IOException {
        String[] asked = ("training.samples={prompts: 2, max_new_tokens: 3};" + other).split(";");
        List<Map<String, Object>> uninterrupted = runs.train("uninterrupted", asked);
        Set<String> positions = new TreeSet<>();
        boolean isOver = false;
        for (int questions = 1; !isOver; questions++) {
            String name = "stopped-" + questions;
            AtomicInteger left = new AtomicInteger(questions);
            isOver = runs.run(name, () -> left.decrementAndGet() <= 0, asked).isPresent();
            Path state = folder.resolve(name).resolve("checkpoints/resume/state.json");
            if (Files.exists(state)) {
                positions.add(Files.readString(state));
            }
            assertThat(runs.run(name, () -> false, asked)).isPresent();
            assertThat(runs.metrics(name)).isEqualTo(uninterrupted);
            assertThat(runs.evaluations(name)).isEqualTo(runs.evaluations("uninterrupted"));
            assertThat(runs.samples(name)).isEqualTo(runs.samples("uninterrupted"));
            assertThat(folder.resolve(name).resolve("pairs.jsonl"))
                    .hasSameTextualContentAs(folder.resolve("uninterrupted/pairs.jsonl"));
        }
        assertThat(positions).as("after ten steps, and within four evaluations").hasSizeGreaterThanOrEqualTo(10 + 3);
    }

    @Test
    void the_state_of_objectives_and_moving_references_is_restored_after_a_stop_at_any_step() {
        String robust = "objective.groups={robust: {step_size: 0.5}}";
        String moving = "reference={sync_steps: 2, mixup_alpha: 0.5}";
        String tokens = "training.micro_batch_tokens=25";
        List<Map<String, Object>> uninterrupted = runs.train("uninterrupted", robust, moving, tokens);
        assertThat(uninterrupted)
                .allSatisfy(line -> assertThat(line).containsEntry("carried/preference/group/all", 1.0));
        runs.stoppedAndResumed(name -> assertThat(runs.metrics(name)).isEqualTo(uninterrupted), robust, moving, tokens);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference={sync_steps: 2, mixup_alpha: 0.5}", "seed=1"})
    void the_divergence_at_each_token_is_stored_and_restored_after_a_stop_at_any_step(String other) throws IOException {
        String objective = "objective={preference: {type: tdpo2}}";
        List<Map<String, Object>> uninterrupted = runs.train("uninterrupted", objective, other);
        runs.stoppedAndResumed(name -> assertThat(runs.metrics(name)).isEqualTo(uninterrupted), objective, other);
        List<Map<String, Object>> evaluations = runs.evaluations("uninterrupted");
        PreferenceLogProbs stored = LogProbsFile.read(
                        folder.resolve("uninterrupted/pairs.jsonl"), OptionalInt.empty(), Optional.empty())
                .logProbs();
        double[] divergences = stored.statistic(TokenStatistic.REFERENCE_KL).toArray();
        assertThat(Arrays.stream(divergences)).allMatch(nats -> nats > 1e-6);
        assertThat(new Tdpo2Loss(0.1, 0.5)
                        .evaluate(stored, Normalizer.of(stored))
                        .value())
                .isCloseTo((Double) evaluations.get(evaluations.size() - 1).get("eval/loss"), within(1e-12));
        assertThat(runs.train("without", "objective={preference: {type: tdpo2, alpha: 0.0}}", other))
                .isNotEqualTo(uninterrupted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference={sync_steps: 2, mixup_alpha: 0.9}", "seed=1"})
    void samples_are_complete_after_a_stop_at_any_step(String other) {
        String asked = "training.samples={temperature: 0.5, top_p: 0.9}";
        runs.train("uninterrupted", asked, other);
        List<Map<String, Object>> uninterrupted = runs.samples("uninterrupted");
        assertThat(uninterrupted).hasSize(10);
        runs.stoppedAndResumed(name -> assertThat(runs.samples(name)).isEqualTo(uninterrupted), asked, other);
    }
}
