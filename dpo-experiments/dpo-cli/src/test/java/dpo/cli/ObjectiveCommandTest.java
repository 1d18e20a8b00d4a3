package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.store.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dpo objective}: loss, metrics and gradients of stored log-probabilities. */
class ObjectiveCommandTest {

    @TempDir
    Path folder;

    @Test
    void objective_recomputes_loss_metrics_and_gradient_from_stored_log_probs() throws IOException {
        Path file = logProbs("""
                {"policy": {"chosen": [-1.0, -2.0], "rejected": [-4.0]}, "reference": {"chosen": [-1.5, -2.0], "rejected": [-3.5]}}
                """);
        Ended ended =
                dpo("objective", "--loss", "{type: hinge, beta: 0.5}", "--log-probs", file.toString(), "--gradient");
        assertThat(ended.code()).as(ended.err()).isZero();
        Map<String, Object> output = Json.read(ended.out());
        // Δ = 0.5 − (−0.5) = 1, loss = 1 − 0.5.
        assertThat(output.get("loss")).isEqualTo(0.5);
        assertThat(output.get("gradient"))
                .isEqualTo(List.of(Map.of("chosen", List.of(-0.5, -0.5), "rejected", List.of(0.5))));
        assertThat((Map<?, ?>) output.get("metrics"))
                .extracting("rewards/margins")
                .isEqualTo(0.5);
    }

    @Test
    void objective_prints_the_gradient_of_a_token_statistic_too() throws IOException {
        Path file = logProbs("""
                {"policy": {"chosen": [-1, -1], "rejected": [-4]}, "reference": {"chosen": [-3, -1], "rejected": [-1]}, "reference_kl": {"chosen": [1, 0.5], "rejected": [4]}}
                """);
        Ended ended = dpo(
                "objective",
                "--gradient",
                "--log-probs",
                file.toString(),
                "--loss",
                "{type: tdpo2, beta: 0.4, alpha: 2}");
        assertThat(ended.code()).as(ended.err()).isZero();
        Map<String, Object> output = Json.read(ended.out());
        // Δ − α (D_l − D_w) = 5 − 2 (4 − 1.5) = 0, slope β/2.
        assertThat(output.get("loss")).isEqualTo(Math.log(2));
        assertThat(output.get("gradient"))
                .isEqualTo(List.of(Map.of("chosen", List.of(-0.2, -0.2), "rejected", List.of(0.2))));
        assertThat(output.get("reference_kl_gradient"))
                .isEqualTo(List.of(Map.of("chosen", List.of(0.0, 0.0), "rejected", List.of(0.4))));
        assertThat(dpo(
                                "objective",
                                "--loss",
                                "{type: tdpo1}",
                                "--log-probs",
                                logProbs("""
                {"policy": {"chosen": [-1], "rejected": [-4]}, "reference": {"chosen": [-3], "rejected": [-1]}}
                """).toString())
                        .err())
                .contains("reference_kl must be given for an objective that needs it, got none");
        assertThat(dpo(
                                "objective",
                                "--log-probs",
                                file.toString(),
                                "--loss",
                                "{preference: {type: tdpo1}, ld_alpha: 0.5}")
                        .err())
                .contains("ld_alpha must be absent for an objective of the divergence at each token, got 0.5");
    }

    @Test
    void objective_weights_groups_and_turns() throws IOException {
        Path file = logProbs("""
                {"policy": {"chosen": [-1, -2], "rejected": [-4]}, "reference": {"chosen": [-2, -2.5], "rejected": [-4]}, "group": "a", "turns": {"chosen": [1, 1], "rejected": [1]}}
                {"policy": {"chosen": [-1], "rejected": [-1]}, "reference": {"chosen": [-1], "rejected": [-1]}, "group": "b"}
                {"policy": {"chosen": [-1], "rejected": [-1]}, "reference": {"chosen": [-1], "rejected": [-1]}, "group": "b"}
                """);
        Ended ended = dpo(
                "objective",
                "--log-probs",
                file.toString(),
                "--loss",
                "{preference: {type: hinge, beta: 1}, turns: last, groups: {weights: {a: 2, b: 3}}}");
        assertThat(ended.code()).as(ended.err()).isZero();
        // Group a: last turn alone, Δ = 0.5, loss 0.5; group b: loss 1. 2 · 0.5 + 3 · 1.
        assertThat((Double) Json.read(ended.out()).get("loss"))
                .isCloseTo(4.0, org.assertj.core.api.Assertions.within(1e-12));
    }

    @Test
    void only_objectives_with_a_reference_require_one() throws IOException {
        String file = logProbs("""
                {"policy": {"chosen": [-1.0, -2.0], "rejected": [-4.0]}}
                """).toString();
        assertThat(dpo("objective", "--loss", "{type: sigmoid}", "--log-probs", file)
                        .err())
                .contains(
                        "reference must be given in every line, or by --reference, for an objective with a reference");
        // −log σ(2 (−1.5 + 4) − 1).
        assertThat(Json.read(dpo("objective", "--loss", "{type: simpo, beta: 2, gamma: 1}", "--log-probs", file)
                                .out())
                        .get("loss"))
                .isEqualTo(Math.log1p(Math.exp(-4)));
    }

    @Test
    void objective_refuses_invalid_input_and_names_the_line() throws IOException {
        Path file = logProbs(
                "{\"policy\": {\"chosen\": [1], \"rejected\": [1, 2]}, \"reference\": {\"chosen\": [1], \"rejected\": [1]}}\n");
        Ended uneven = dpo("objective", "--loss", "{type: sigmoid}", "--log-probs", file.toString());
        assertThat(uneven.code()).isEqualTo(2);
        assertThat(uneven.err()).contains("reference.rejected must have as many numbers", "line 1");
        assertThat(dpo("objective", "--loss", "{type: ipo}", "--log-probs", file.toString())
                        .err())
                .contains("reduction must be given");
        assertThat(dpo(
                                "objective",
                                "--loss",
                                "{type: sigmoid}",
                                "--log-probs",
                                folder.resolve("absent").toString())
                        .err())
                .contains("no such file");
        assertThat(dpo(
                                "objective",
                                "--loss",
                                "{groups: {weights: {x: 1}}}",
                                "--log-probs",
                                logProbs(
                                                "{\"policy\": {\"chosen\": [1], \"rejected\": [1]}, \"reference\": {\"chosen\": [1], \"rejected\": [1]}}\n")
                                        .toString())
                        .err())
                .contains("group must have a weight, got all");
    }

    @Test
    void objective_refuses_log_probs_that_are_not_finite_by_line_and_number() throws IOException {
        for (String number : List.of("NaN", "Infinity", "-Infinity", "1e999")) {
            Path file = logProbs("{\"policy\": {\"chosen\": [" + number + "], \"rejected\": [-1]}}\n");
            Ended ended = dpo("objective", "--loss", "{type: simpo}", "--log-probs", file.toString());
            assertThat(ended.code()).isEqualTo(2);
            assertThat(ended.out()).isEmpty();
            assertThat(ended.err()).contains("finite", "got", file + ", line 1").doesNotContain("ALLOW_", "`");
        }
    }

    @Test
    void objective_accepts_trl_options_and_reports_ignored_ones() throws IOException {
        String file = logProbs("""
                {"policy": {"chosen": [-1.0, -2.0], "rejected": [-4.0]}, "reference": {"chosen": [-1.5, -2.0], "rejected": [-3.5]}}
                """).toString();
        Ended trl = dpo(
                "objective",
                "--log-probs",
                file,
                "--gradient",
                "--trl",
                "{\"loss_type\": [\"ipo\"], \"beta\": 0.5, \"label_smoothing\": 0.1}");
        Ended ours = dpo(
                "objective", "--log-probs", file, "--gradient", "--loss", "{type: ipo, beta: 0.5, reduction: mean}");
        assertThat(trl.code()).as(trl.err()).isZero();
        Map<String, Object> ofTrl = Json.read(trl.out());
        assertThat(ofTrl)
                .containsEntry("loss", Json.read(ours.out()).get("loss"))
                .containsEntry("gradient", Json.read(ours.out()).get("gradient"));
        // TRL's rewards are of whole completions for every loss; it has no calibration.
        assertThat((Map<?, ?>) ofTrl.get("metrics"))
                .extracting("rewards/chosen")
                .isEqualTo(0.25);
        assertThat(trl.out()).doesNotContain("rewards/brier");
        assertThat(ours.out()).contains("rewards/brier");
        assertThat((Map<?, ?>) Json.read(ours.out()).get("metrics"))
                .extracting("rewards/chosen")
                .isEqualTo(0.125);
        assertThat(trl.err())
                .isEqualToIgnoringNewLines("TRL 1.16 ignores label_smoothing for ipo; it is ignored here too");
        Ended refused = dpo("objective", "--log-probs", file, "--trl", "{\"loss_type\": \"sgmoid\"}");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("did you mean sigmoid?");
        assertThat(dpo("objective", "--log-probs", file).code()).isEqualTo(2);
        assertThat(dpo("objective", "--log-probs", file, "--trl", "{}", "--loss", "{}")
                        .code())
                .isEqualTo(2);
    }

    private Path logProbs(String lines) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "log-probs", ".jsonl"), lines);
    }

    private static Ended dpo(String... arguments) {
        return Ended.of(arguments);
    }
}
