package dpo.data.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.sequence.Label;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreferenceExampleTest {

    private static final Text PROMPT = new Text.Plain("Q");
    private static final Text A = new Text.Plain("a");
    private static final Text B = new Text.Plain("b");
    private static final Text C = new Text.Plain("c");

    private static void refused(
            String reason, String message, List<Text> completions, List<Double> ratings, double weight) {
        assertThatThrownBy(() -> new PreferenceExample("row-1", PROMPT, completions, ratings, "g", weight))
                .isInstanceOfSatisfying(
                        BadRowException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessage(message);
    }

    @Test
    void a_pair_a_list_and_a_label_are_preferences() {
        assertThat(PreferenceExample.pair("row-1", PROMPT, A, B).label()).isEqualTo(Label.ordered(2));
        assertThat(PreferenceExample.labelled("row-1", PROMPT, A, false).label())
                .isEqualTo(Label.desirable(false));
        assertThat(new PreferenceExample("row-1", PROMPT, List.of(A, B, C), List.of(2.0, 2.0, 1.0), "g", 0.5).label())
                .isEqualTo(new Label(3, List.of(2.0, 2.0, 1.0), "g", 0.5));
    }

    @Test
    void completions_differ_and_are_not_blank() {
        refused(
                "equal_completions",
                "chosen must differ from rejected, got the same text twice",
                List.of(A, A),
                List.of(),
                1);
        refused(
                "equal_completions",
                "completions[0] must differ from completions[2], got the same text twice",
                List.of(A, B, A),
                List.of(),
                1);
        refused(
                "empty_completion",
                "completions[1] must not be empty, got ' '",
                List.of(A, new Text.Plain(" "), B),
                List.of(),
                1);
        refused(
                "wrong_type",
                "rejected must be of the same kind as the prompt, got Conversation after Plain",
                List.of(A, new Text.Conversation(List.of(Message.assistant("b")))),
                List.of(),
                1);
        refused("bad_judgement", "completions must be at least 1, got 0", List.of(), List.of(), 1);
    }

    @Test
    void the_best_completion_may_begin_with_a_prompt_of_one_word_unless_all_completions_do() {
        Text word = new Text.Plain("Paris");
        Text city = new Text.Plain("Paris is a city.");
        assertThat(PreferenceExample.pair("row-1", word, city, B).prompt()).isEqualTo(word);
        assertThatThrownBy(() -> PreferenceExample.pair("row-1", word, city, new Text.Plain("Paris is a dog.")))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("must not repeat the prompt at its beginning");
        assertThatThrownBy(() -> PreferenceExample.pair(
                        "row-1", new Text.Plain("Is Paris"), new Text.Plain("Is Paris a city?"), B))
                .isInstanceOf(BadRowException.class);
    }

    @Test
    void ratings_are_finite_not_ascending_and_one_per_completion() {
        refused(
                "bad_judgement",
                "ratings must be finite and best first, got [1.0, 2.0]",
                List.of(A, B),
                List.of(1.0, 2.0),
                1);
        refused(
                "bad_judgement",
                "ratings must be finite and best first, got [NaN, 2.0]",
                List.of(A, B),
                List.of(Double.NaN, 2.0),
                1);
        refused("bad_judgement", "ratings must be one per completion (2), got [1.0]", List.of(A, B), List.of(1.0), 1);
        refused("bad_judgement", "ratings must be one per completion (1), got []", List.of(A), List.of(), 1);
    }

    @Test
    void a_weight_is_finite_and_not_negative() {
        refused("bad_judgement", "weight must be finite and at least 0, got NaN", List.of(A, B), List.of(), Double.NaN);
        refused("bad_judgement", "weight must be finite and at least 0, got -1.0", List.of(A, B), List.of(), -1);
    }
}
