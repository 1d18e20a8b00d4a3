package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.store.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {

    private static final String PPO =
            "method={type: ppo, reward: learned, reward_model: {learning_rate: 0.1, epochs: 3}}";

    @TempDir
    Path folder;

    private Path config() throws IOException {
        return Files.writeString(folder.resolve("plan.yaml"), """
                name: plan
                backend: tabular
                model: {vocabulary: 5, length: 4, prompts: 2}
                data: {train: {format: world, pairs: 25}}
                objective: {preference: {type: sigmoid}}
                optimizer: {learning_rate: 0.1}
                training: {batch_size: 10, epochs: 2}
                """);
    }

    private String plan(String... overrides) throws IOException {
        String[] arguments = new String[2 + 2 * overrides.length];
        arguments[0] = "plan";
        arguments[1] = config().toString();
        for (int i = 0; i < overrides.length; i++) {
            arguments[2 + 2 * i] = "--set";
            arguments[3 + 2 * i] = overrides[i];
        }
        Ended ended = Ended.of(arguments);
        assertThat(ended.code()).as(ended.err()).isZero();
        return ended.out();
    }

    private static long tokens(String plan) {
        Matcher matcher = Pattern.compile("tokens: .*per cell, (\\d+) in all").matcher(plan);
        assertThat(matcher.find()).as(plan).isTrue();
        return Long.parseLong(Objects.requireNonNull(matcher.group(1)));
    }

    private long tokensOfRun(String out, String... overrides) throws IOException {
        Ended ended = Ended.of(TinyLlama.experiment("train", config(), folder.resolve(out), overrides));
        assertThat(ended.code()).as(ended.err()).isZero();
        return JsonLines.read(folder.resolve(out).resolve("metrics.jsonl")).stream()
                .mapToLong(step -> ((Number) step.getOrDefault("tokens", 0)).longValue())
                .sum();
    }

    @Test
    void the_tokens_of_a_plan_are_those_of_the_run() throws IOException {
        String plan = plan();
        assertThat(plan).contains("tokens: " + tokens(plan) + " per cell").contains("optimizer steps: 6 per cell");
        assertThat(tokensOfRun("whole")).isEqualTo(tokens(plan));
        String fourSteps = "training={batch_size: 10, max_steps: 4}";
        assertThat(tokensOfRun("short", fourSteps)).isEqualTo(tokens(plan(fourSteps)));
        assertThat(tokensOfRun("rlhf", "method={type: rlhf}")).isEqualTo(tokens(plan("method={type: rlhf}")));
    }

    @Test
    void sampled_completions_count_with_their_largest_length_after_the_passes_of_the_reward_model() throws IOException {
        long pass = tokens(plan()) / 2;
        // Two epochs of 25 completions of at most 1 + 4 tokens.
        String plan = plan(PPO);
        assertThat(plan).contains("tokens: at most " + (3 * pass + 250) + " per cell", "optimizer steps: 15 per cell");
        assertThat(tokensOfRun("ppo", PPO)).isBetween(3 * pass + 100, 3 * pass + 250);
        assertThat(tokens(plan("method={type: rloo, reward: true, num_generations: 3, max_new_tokens: 2}")))
                .isEqualTo(2 * 25 * 3 * 3);
        assertThat(tokens(plan("method={type: best_of_n, reward: true, num_generations: 2}")))
                .isEqualTo(500);
    }
}
