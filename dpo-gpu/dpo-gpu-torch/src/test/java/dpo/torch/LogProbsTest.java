package dpo.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.sequence.Preference;
import dpo.core.sequence.PreferenceBatch;
import dpo.core.sequence.TokenSequence;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LogProbsTest {

    private static Policy policy;

    @BeforeAll
    static void open() {
        policy = new TorchBackend().open(TorchModel.at(GoldenLlama.folder()), new Execution("cpu", 2), 0);
    }

    @AfterAll
    static void close() {
        policy.close();
    }

    @Test
    void token_log_probs_equal_those_of_transformers_in_float64() {
        List<Preference> pairs = GoldenLlama.pairs();
        for (int from = 0; from < pairs.size(); from += 8) {
            TokenLogProbs logProbs = policy.logProbs(new PreferenceBatch(pairs.subList(from, from + 8)).sequences());
            for (int i = 0; i < 8; i++) {
                assertClose(logProbs.row(2 * i), GoldenLlama.tokenLogProbs("chosen")[from + i]);
                assertClose(logProbs.row(2 * i + 1), GoldenLlama.tokenLogProbs("rejected")[from + i]);
            }
        }
    }

    @Test
    void token_log_probs_of_gpt2_equal_those_of_transformers_in_float64() {
        Golden golden = Golden.shared("gpt2");
        List<TokenSequence> rows = new PreferenceBatch(golden.pairs()).sequences();
        try (Policy gpt2 = new TorchBackend().open(TorchModel.at(golden.folder()), new Execution("cpu", 2), 0)) {
            TokenLogProbs logProbs = gpt2.logProbs(rows);
            for (int i = 0; i < golden.pairs().size(); i++) {
                assertClose(logProbs.row(2 * i), golden.tokenLogProbs("chosen")[i]);
                assertClose(logProbs.row(2 * i + 1), golden.tokenLogProbs("rejected")[i]);
            }
        }
    }

    @Test
    void the_forward_pass_has_the_same_log_probs_bit_by_bit() {
        List<TokenSequence> rows = new PreferenceBatch(GoldenLlama.pairs().subList(0, 6)).sequences();
        try (ForwardPass pass = policy.forward(rows)) {
            assertThat(pass.logProbs().toArray())
                    .isEqualTo(policy.logProbs(rows).toArray());
            assertThat(pass.logProbs().shape()).isEqualTo(policy.logProbs(rows).shape());
        }
    }

    @Test
    void other_rows_of_a_batch_change_a_row_only_by_rounding() {
        List<TokenSequence> rows = new PreferenceBatch(GoldenLlama.pairs().subList(0, 6)).sequences();
        TokenLogProbs together = policy.logProbs(rows);
        for (int row = 0; row < rows.size(); row++) {
            assertClose(
                    together.row(row), policy.logProbs(List.of(rows.get(row))).row(0));
        }
    }

    @Test
    void only_the_tokens_of_the_turns_are_scored() {
        TokenSequence whole = GoldenLlama.pairs().get(1).chosen();
        int n = whole.length();
        TokenSequence turns =
                new TokenSequence(whole.ids(), List.of(new TokenSequence.Span(1, 3), new TokenSequence.Span(n - 2, n)));
        TokenSequence all = new TokenSequence(whole.ids(), List.of(new TokenSequence.Span(1, n)));
        double[] every = policy.logProbs(List.of(all)).row(0);
        assertClose(
                policy.logProbs(List.of(turns)).row(0), new double[] {every[0], every[1], every[n - 3], every[n - 2]});
    }

    @Test
    void equal_rows_and_prefixes_of_rows_are_scored_like_any_row() {
        TokenSequence row = GoldenLlama.pairs().get(2).chosen();
        TokenSequence beginning = new TokenSequence(
                Arrays.copyOf(row.ids(), row.length() - 1),
                List.of(new TokenSequence.Span(row.length() - 2, row.length() - 1)));
        TokenLogProbs logProbs = policy.logProbs(List.of(row, row, beginning));
        assertClose(logProbs.row(1), logProbs.row(0));
        assertClose(logProbs.row(2), policy.logProbs(List.of(beginning)).row(0));
    }

    @Test
    void long_rows_use_another_kernel_and_have_the_same_log_probs() {
        int[] ids = new int[900];
        Arrays.setAll(ids, i -> (i * i + 7 * i) % 512);
        int[] beginning = Arrays.copyOf(ids, 300);
        double[] alone = policy.logProbs(List.of(scored(beginning, 200))).row(0);
        TokenLogProbs together = policy.logProbs(List.of(scored(beginning, 200), scored(ids, 200)));
        assertClose(Arrays.copyOf(policy.logProbs(List.of(scored(ids, 200))).row(0), 100), alone);
        assertClose(together.row(0), alone);
        assertClose(together.row(1), policy.logProbs(List.of(scored(ids, 200))).row(0));
    }

    private static TokenSequence scored(int[] ids, int from) {
        return new TokenSequence(ids, List.of(new TokenSequence.Span(from, ids.length)));
    }

    @Test
    void ids_outside_the_vocabulary_and_too_long_sequences_are_refused_by_row() {
        TokenSequence good = GoldenLlama.pairs().get(0).chosen();
        TokenSequence outside = TokenSequence.of(new int[] {1}, new int[] {512});
        TokenSequence tooLong = TokenSequence.of(new int[1024], new int[1]);
        assertThatThrownBy(() -> policy.logProbs(List.of(good, outside)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("token id must be below 512, got 512 (row 1, position 1)");
        assertThatThrownBy(() -> policy.forward(List.of(good, tooLong)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sequence must have at most 1024 tokens, got 1025 (row 1)");
        assertThatThrownBy(() -> policy.logProbs(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one");
    }

    private static void assertClose(double[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(2e-5));
        }
    }
}
