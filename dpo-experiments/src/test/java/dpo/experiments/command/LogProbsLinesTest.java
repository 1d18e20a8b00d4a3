package dpo.experiments.command;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.sequence.Judgement;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence.Span;
import dpo.core.sequence.TokenSequence;
import dpo.experiments.store.Json;
import dpo.experiments.train.LogProbsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogProbsLinesTest {

    private static final TokenSequence ONE = TokenSequence.of(new int[] {7, 8}, new int[] {1});
    private static final TokenSequence TWO = TokenSequence.of(new int[] {7, 8}, new int[] {2, 3});
    private static final TokenSequence TURNS =
            new TokenSequence(new int[] {7, 8, 4, 5, 9, 6}, List.of(new Span(2, 4), new Span(5, 6)));

    private static final PreferenceBatch BATCH = new PreferenceBatch(List.of(
            Preference.pair("p", ONE, TWO),
            new Preference("list", List.of(TURNS, ONE, TWO), new Judgement(3, List.of(3.0, 1.0, 1.0), "all", 0.5)),
            new Preference("label", List.of(TWO), Judgement.labelled(false))));

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
        List<String> lines = LogProbsLines.of(5, BATCH, logProbs(-1)).stream().map(Json::line).toList();
        assertThat(lines).containsExactly(
                "{\"row\":5,\"pair\":\"p\",\"prompt_ids\":[7,8],\"chosen_ids\":[1],\"rejected_ids\":[2,3],"
                        + "\"chosen\":[-1.0],\"rejected\":[-2.0,-3.0]}",
                "{\"row\":6,\"pair\":\"list\",\"prompt_ids\":[7,8],\"completion_ids\":[[4,5,6],[1],[2,3]],"
                        + "\"completions\":[[-4.0,-5.0,-6.0],[-7.0],[-8.0,-9.0]],\"ratings\":[3.0,1.0,1.0],"
                        + "\"weight\":0.5,\"turns\":{\"completions\":[[2,1],[1],[2]]}}",
                "{\"row\":7,\"pair\":\"label\",\"prompt_ids\":[7,8],\"completion_ids\":[[2,3]],"
                        + "\"completions\":[[-10.0,-11.0]],\"ratings\":[0.0]}");
    }

    @Test
    void policy_and_reference_merged_are_what_dpo_objective_reads(@TempDir Path folder) throws IOException {
        List<String> merged = new ArrayList<>();
        List<Map<String, Object>> policy = LogProbsLines.of(0, BATCH, logProbs(-1));
        List<Map<String, Object>> reference = LogProbsLines.of(0, BATCH, logProbs(-2));
        for (int i = 0; i < policy.size(); i++) {
            Map<String, Object> line = new HashMap<>(policy.get(i));
            line.keySet().retainAll(List.of("row", "pair", "ratings", "weight", "turns"));
            line.put("policy", completions(policy.get(i)));
            line.put("reference", completions(reference.get(i)));
            merged.add(Json.line(line));
        }
        LogProbsFile read = LogProbsFile.read(Files.write(folder.resolve("a.jsonl"), merged), OptionalInt.empty());
        assertThat(read.perToken()).isTrue();
        for (int j = 0; j < BATCH.size(); j++) {
            assertThat(read.logProbs().judgements().get(j)).isEqualTo(BATCH.judgements().get(j));
        }
        assertThat(read.logProbs().policy().shape()).isEqualTo(logProbs(-1).shape());
        assertThat(read.logProbs().policy().toArray()).isEqualTo(logProbs(-1).toArray());
        assertThat(read.logProbs().reference().toArray()).isEqualTo(logProbs(-2).toArray());
    }

    private static Map<String, Object> completions(Map<String, Object> line) {
        Map<String, Object> completions = new HashMap<>(line);
        completions.keySet().retainAll(List.of("chosen", "rejected", "completions"));
        return completions;
    }
}
