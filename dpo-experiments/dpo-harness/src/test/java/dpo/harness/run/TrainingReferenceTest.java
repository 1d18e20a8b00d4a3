package dpo.harness.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenLogProbs;
import dpo.harness.store.JsonLines;
import dpo.train.TrainingFailure;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reference of a run: absent, fixed or moving. */
class TrainingReferenceTest {

    @TempDir
    Path folder;

    private final TabularRuns runs = new TabularRuns(() -> folder);

    @Test
    void a_reference_that_is_replaced_by_the_policy_starts_again_from_equal_models() {
        List<Map<String, Object>> lines = runs.train("moving", "reference={sync_steps: 3, mixup_alpha: 1.0}");
        assertThat((Double) lines.get(2).get("rewards/ties")).isLessThan(1);
        assertThat(lines.get(3)).containsEntry("rewards/ties", 1.0);
        assertThat((Double) runs.train("fixed").get(3).get("rewards/ties")).isLessThan(1);
    }

    @Test
    void the_first_loss_equals_that_of_equal_policy_and_reference() {
        Map<String, Object> first =
                runs.train("first", "objective={preference: {type: sigmoid}}").get(0);
        assertThat((Double) first.get("loss")).isCloseTo(Math.log(2), within(1e-15));
        assertThat(first).containsEntry("rewards/accuracies", 0.5).containsEntry("rewards/ties", 1.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"simpo", "cpo", "orpo", "slic_hf", "alphapo, alpha: 0.1", "rrhf", "sft"})
    void an_objective_without_a_reference_computes_none(String type) {
        List<Map<String, Object>> lines = runs.train("free", "objective={preference: {type: " + type + "}}");
        assertThat(folder.resolve("free/reference")).doesNotExist();
        assertThat(lines.get(0)).containsKeys("rewards/accuracies", "logps/chosen");
        assertThat(lines.get(0).keySet()).noneMatch(name -> name.contains("reference") || name.contains("kl_per"));
        assertThat(lines.get(9))
                .doesNotContainEntry("rewards/margins", lines.get(0).get("rewards/margins"));
        assertThat(JsonLines.read(folder.resolve("free/pairs.jsonl")))
                .hasSize(80)
                .allSatisfy(line -> assertThat(line).containsKey("policy").doesNotContainKey("reference"));
        assertThatThrownBy(() -> runs.config("objective={preference: {type: " + type + "}}", "reference={}"))
                .hasMessageContaining("reference must be absent for an objective that uses no reference");
    }

    @Test
    void one_term_with_a_reference_among_others_requires_it() {
        List<Map<String, Object>> lines =
                runs.train("mixed", "objective.preference=[{type: simpo, weight: 1}, {type: ipo, reduction: sum}]");
        assertThat(folder.resolve("mixed/reference")).isNotEmptyDirectory();
        assertThat(lines.get(0)).containsEntry("forward_kl_per_token", 0.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sigmoid", "kto", "aot"})
    void log_ratios_are_exactly_zero_until_the_policy_changes(String type) {
        runs.run(
                "rounded",
                () -> false,
                TrainingReferenceTest::roundedByBatch,
                "objective={preference: {type: " + type + "}}",
                "training.micro_batch_size=5",
                "schedule={type: linear, warmup_steps: 2}");
        List<Map<String, Object>> lines = runs.metrics("rounded");
        assertThat(lines.get(0)).containsEntry("learning_rate", 0.0);
        assertThat(lines.subList(0, 2)).allSatisfy(line -> assertThat(line)
                .containsEntry("chosen_log_prob_fell", 0.0)
                .containsEntry("forward_kl_per_token", 0.0));
        assertThat(lines.get(1).get("forward_kl_per_token"))
                .isNotEqualTo(lines.get(2).get("forward_kl_per_token"));
    }

    @Test
    void a_moving_reference_is_sampled_in_its_current_state_at_each_evaluation() {
        String asked = "training.samples={max_new_tokens: 4}";
        runs.train("moving", asked, "reference={sync_steps: 3, mixup_alpha: 1.0}", "optimizer.learning_rate=1.0");
        List<Map<String, Object>> lines = runs.samples("moving");
        // At steps 3, 6 and 9 the reference has just become the policy.
        assertThat(lines.subList(0, 8))
                .allSatisfy(line -> assertThat(line.get("reference_ids")).isEqualTo(line.get("policy_ids")));
        assertThat(lines.subList(2, 8))
                .extracting(line -> line.get("reference_ids"))
                .isNotEqualTo(
                        List.of(lines.get(0), lines.get(1), lines.get(0), lines.get(1), lines.get(0), lines.get(1))
                                .stream()
                                .map(line -> line.get("reference_ids"))
                                .toList());
    }

    @Test
    void a_reference_that_differs_from_the_policy_is_detected_before_the_first_step() throws IOException {
        runs.train("honest", "training.micro_batch_size=60", "training.batch_size=60"); // one batch, one checksum
        Path tampered = Files.createDirectories(folder.resolve("tampered/reference"));
        try (var files = Files.list(folder.resolve("honest/reference"))) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[0] = 0x40; // the first log-prob becomes a positive number
                CRC32C checksum = new CRC32C();
                checksum.update(bytes, 0, bytes.length - Long.BYTES);
                ByteBuffer.wrap(bytes).putLong(bytes.length - Long.BYTES, checksum.getValue());
                Files.write(tampered.resolve(file.getFileName()), bytes);
            }
        }
        assertThatThrownBy(() -> runs.train("tampered", "training.micro_batch_size=60", "training.batch_size=60"))
                .isInstanceOf(TrainingFailure.class)
                .hasMessageContaining("policy must equal its reference before the first step")
                .hasMessageContaining("pair");
    }

    /** A policy whose log-probabilities differ in their last bits with the batch in which they are computed. */
    private static Policy roundedByBatch(Policy policy) {
        return (Policy) Proxy.newProxyInstance(
                Policy.class.getClassLoader(), new Class<?>[] {Policy.class}, (proxy, method, arguments) -> {
                    Object result = method.invoke(policy, arguments);
                    if (result instanceof ForwardPass pass) {
                        return (ForwardPass) Proxy.newProxyInstance(
                                ForwardPass.class.getClassLoader(),
                                new Class<?>[] {ForwardPass.class},
                                (passProxy, ofPass, given) -> rounded(ofPass.invoke(pass, given), arguments[0]));
                    }
                    return rounded(result, arguments == null ? List.of() : arguments[0]);
                });
    }

    private static Object rounded(Object result, Object batch) {
        double rounding = 1e-9 * (batch.hashCode() % 1000);
        return result instanceof TokenLogProbs logProbs
                ? TokenLogProbs.of(
                        logProbs.shape(),
                        Arrays.stream(logProbs.toArray())
                                .map(value -> value + rounding)
                                .toArray())
                : result;
    }
}
