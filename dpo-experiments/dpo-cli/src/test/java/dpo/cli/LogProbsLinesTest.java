package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.catalog.Objectives;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import dpo.harness.config.ConfigValue;
import dpo.harness.run.LogProbsFile;
import dpo.harness.store.Json;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogProbsLinesTest {

    private static final TokenSequence ONE = TokenSequence.of(new int[] {7, 8}, new int[] {1});
    private static final TokenSequence TWO = TokenSequence.of(new int[] {7, 8}, new int[] {2, 3});
    private static final TokenSequence TURNS =
            new TokenSequence(new int[] {7, 8, 4, 5, 9, 6}, List.of(new Span(2, 4), new Span(5, 6)));

    private static final PreferenceBatch BATCH = new PreferenceBatch(List.of(
            Preference.pair("p", ONE, TWO),
            new Preference("list", List.of(TURNS, ONE, TWO), new Label(3, List.of(3.0, 1.0, 1.0), "all", 0.5)),
            new Preference("label", List.of(TWO), Label.desirable(false))));

    private static TokenLogProbs logProbs(double first) {
        TokenShape shape = TokenShape.of(BATCH.sequences());
        double[] values = new double[shape.tokens()];
        for (int i = 0; i < values.length; i++) {
            values[i] = first - i;
        }
        return TokenLogProbs.of(shape, values);
    }

    @Test
    void a_pair_has_its_sides_and_others_their_completions() {
        List<String> lines = LogProbsLines.of(5, BATCH, logProbs(-1)).stream()
                .map(Json::line)
                .toList();
        assertThat(lines)
                .containsExactly(
                        "{\"row\":5,\"pair\":\"p\",\"prompt_ids\":[7,8],\"chosen_ids\":[1],\"rejected_ids\":[2,3],"
                                + "\"chosen\":[-1.0],\"rejected\":[-2.0,-3.0]}",
                        "{\"row\":6,\"pair\":\"list\",\"prompt_ids\":[7,8],\"completion_ids\":[[4,5,6],[1],[2,3]],"
                                + "\"completions\":[[-4.0,-5.0,-6.0],[-7.0],[-8.0,-9.0]],\"ratings\":[3.0,1.0,1.0],"
                                + "\"weight\":0.5,\"turns\":{\"completions\":[[2,1],[1],[2]]}}",
                        "{\"row\":7,\"pair\":\"label\",\"prompt_ids\":[7,8],\"completion_ids\":[[2,3]],"
                                + "\"completions\":[[-10.0,-11.0]],\"ratings\":[0.0]}");
    }

    @Test
    void prompts_that_differ_between_the_sides_are_written_for_each() {
        TokenSequence cut = TokenSequence.of(new int[] {8}, new int[] {1});
        PreferenceBatch batch = new PreferenceBatch(List.of(Preference.pair("p", cut, TWO)));
        TokenShape shape = TokenShape.of(batch.sequences());
        assertThat(read(LogProbsLines.of(0, batch, TokenLogProbs.of(shape, new double[shape.tokens()])))
                        .get(0))
                .containsEntry("prompt_ids", Map.of("chosen", List.of(8), "rejected", List.of(7, 8)));
    }

    private static List<Map<String, Object>> read(List<LogProbsLines.Line> lines) {
        return lines.stream().map(Json::line).map(Json::read).toList();
    }

    @Test
    void dpo_objective_reads_policy_and_reference_merged(@TempDir Path folder) throws IOException {
        List<String> merged = new ArrayList<>();
        List<Map<String, Object>> policy = read(LogProbsLines.of(0, BATCH, logProbs(-1)));
        List<Map<String, Object>> reference = read(LogProbsLines.of(0, BATCH, logProbs(-2)));
        for (int i = 0; i < policy.size(); i++) {
            Map<String, Object> line = new HashMap<>(policy.get(i));
            line.keySet().retainAll(List.of("row", "pair", "ratings", "weight", "turns"));
            line.put("policy", completions(policy.get(i)));
            line.put("reference", completions(reference.get(i)));
            merged.add(Json.line(line));
        }
        LogProbsFile read = LogProbsFile.read(
                Files.write(folder.resolve("a.jsonl"), merged), OptionalInt.empty(), Optional.empty());
        assertThat(read.perToken()).isTrue();
        for (int j = 0; j < BATCH.size(); j++) {
            assertThat(read.logProbs().labels().get(j)).isEqualTo(BATCH.labels().get(j));
        }
        assertThat(read.logProbs().policy().shape()).isEqualTo(logProbs(-1).shape());
        assertThat(read.logProbs().policy().toArray()).isEqualTo(logProbs(-1).toArray());
        assertThat(read.logProbs().reference().toArray()).isEqualTo(logProbs(-2).toArray());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"chosen\": [-1], \"rejected\": [-2], \"chosen\": [-3]}",
                "{\"policy\": {\"chosen\": [-1], \"rejected\": [-2], \"rejected\": [-3]}}"
            })
    void a_line_that_has_a_key_twice_is_refused(String line, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("twice.jsonl"), line);
        assertThatThrownBy(() -> LogProbsFile.read(file, OptionalInt.empty(), Optional.empty()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("Duplicate")
                .hasMessageEndingWith("(" + file + ", line 1)");
    }

    @Test
    void a_line_is_not_read_beyond_its_limit(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("long.jsonl");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(8L << 30);
        }
        assertThatThrownBy(() -> LogProbsFile.read(file, OptionalInt.empty(), Optional.empty()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("line must have at most 67108864 characters, got more (" + file + ", line 1)");
    }

    @Test
    void dpo_objective_reads_the_output_of_dpo_logprobs(@TempDir Path folder) throws IOException {
        List<Preference> pairs = List.of(Preference.pair("p", ONE, TWO), Preference.pair("q", TURNS, TWO));
        String policy = written(folder.resolve("policy.jsonl"), pairs, -1);
        String reference = written(folder.resolve("reference.jsonl"), pairs, -2);
        String other = written(folder.resolve("other.jsonl"), List.of(pairs.get(1), pairs.get(0)), -2);
        for (Class<? extends PreferenceLoss> loss : Objectives.published()) {
            String type = PreferenceLoss.typeOf(loss);
            Ended alone = objective(type, policy);
            Ended both = objective(type, policy, "--reference", reference);
            assertThat(List.of(alone.code(), both.code()))
                    .as(type + alone.err() + both.err())
                    .allMatch(Set.of(0, 2)::contains);
            // Neither file has the other values that both need, such as ratings or statistics.
            if (both.code() == 0) {
                boolean usesReference =
                        ConfigValue.objective(yaml(type), "test").usesReference();
                assertThat(alone.code()).as(type + alone.err()).isEqualTo(usesReference ? 2 : 0);
                assertThat(objective(type, policy, "--reference", other).err())
                        .contains("must be that of the reference's line");
            }
        }
        // Each token is 1 nat above the reference: Δ = 1 − 2 for the first pair, 3 − 2 for the second, β = 0.1.
        assertThat(Json.read(objective("sigmoid", policy, "--reference", reference)
                                .out())
                        .get("loss"))
                .isEqualTo((softplus(0.1) + softplus(-0.1)) / 2);
        assertThat(Json.read(objective("sft", policy).out()).get("loss")).isNotNull();
        assertThat(Ended.of("objective", "--trl", "{\"loss_type\": [\"sft\"]}", "--log-probs", policy)
                        .code())
                .isZero();
    }

    private static double softplus(double x) {
        return Math.log1p(Math.exp(x));
    }

    private static String yaml(String type) {
        return "{type: " + type
                + switch (type) {
                    case "ipo" -> ", reduction: sum}";
                    default -> "}";
                };
    }

    private static Ended objective(String type, String policy, String... more) {
        List<String> arguments = new ArrayList<>(List.of("objective", "--loss", yaml(type), "--log-probs", policy));
        arguments.addAll(List.of(more));
        return Ended.of(arguments.toArray(String[]::new));
    }

    private static String written(Path file, List<Preference> preferences, double first) throws IOException {
        PreferenceBatch batch = new PreferenceBatch(preferences);
        TokenShape shape = TokenShape.of(batch.sequences());
        double[] values = new double[shape.tokens()];
        for (int i = 0; i < values.length; i++) {
            values[i] = first - i;
        }
        List<String> lines = LogProbsLines.of(0, batch, TokenLogProbs.of(shape, values)).stream()
                .map(Json::line)
                .toList();
        return Files.write(file, lines).toString();
    }

    private static Map<String, Object> completions(Map<String, Object> line) {
        Map<String, Object> completions = new HashMap<>(line);
        completions.keySet().retainAll(List.of("chosen", "rejected", "completions"));
        return completions;
    }
}
