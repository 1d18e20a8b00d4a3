package dpo.data.tokenization.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PiecesTest {

    private static final Pieces PIECES = new Pieces(Set.of("<a>", "<a><b>", "><", "<c>"), false);

    @Test
    void a_text_is_cut_before_each_token() {
        assertThat(PIECES.parts("hello<c>moon<a>")).containsExactly("hello", "<c>moon", "<a>");
        assertThat(PIECES.parts("<c><c>")).containsExactly("<c>", "<c>");
        assertThat(PIECES.parts("moon")).containsExactly("moon");
        assertThat(PIECES.parts("")).containsExactly("");
        assertThat(new Pieces(Set.of(), false).parts("<a>b<c>")).containsExactly("<a>b<c>");
    }

    @Test
    void the_first_of_overlapping_tokens_counts_and_the_longest_at_a_place() {
        assertThat(PIECES.parts("x<a><b><a>")).containsExactly("x", "<a><b>", "<a>");
        assertThat(PIECES.parts("<a><c>")).containsExactly("<a>", "<c>");
        assertThat(PIECES.parts("<d><c>")).containsExactly("<d", "><c>");
    }

    @Test
    void each_piece_is_encoded_once_and_a_text_has_the_ids_of_its_pieces() {
        List<String> asked = new ArrayList<>();
        Optional<List<int[]>> ids = PIECES.encodeAll(List.of("aa<c>b", "aa<c>bb", "aa<c>b"), texts -> {
            asked.addAll(texts);
            return Optional.of(
                    texts.stream().map(text -> text.chars().toArray()).toList());
        });
        assertThat(asked).containsExactly("aa", "<c>b", "<c>bb");
        assertThat(ids.orElseThrow())
                .containsExactly(
                        "aa<c>b".chars().toArray(),
                        "aa<c>bb".chars().toArray(),
                        "aa<c>b".chars().toArray());
    }

    @Test
    void words_are_cut_before_a_space_between_visible_characters() {
        Pieces words = new Pieces(Set.of("<a>"), true);
        assertThat(words.words("one two, 3 (4) é.")).containsExactly("one", " two,", " 3", " (4)", " é.");
        assertThat(words.words(" one  two\n three ")).containsExactly(" one  two\n three ");
        assertThat(words.words("one\u00a0 two \ud83d\ude00 a")).containsExactly("one\u00a0 two \ud83d\ude00 a");
        assertThat(words.words("<a> two")).containsExactly("<a>", " two");
        assertThat(words.words("")).containsExactly("");
        assertThat(PIECES.words("one two")).containsExactly("one two");
    }

    @Test
    void a_word_is_encoded_once_for_all_texts_and_a_long_piece_once_for_texts_together() {
        Pieces words = new Pieces(Set.of(), true);
        List<String> asked = new ArrayList<>();
        String longest = "a".repeat(100);
        for (String text : List.of("one two " + longest, longest + " two three", "two")) {
            Optional<List<int[]>> ids = words.encodeAll(List.of(text, text), texts -> {
                asked.addAll(texts);
                return Optional.of(
                        texts.stream().map(piece -> piece.chars().toArray()).toList());
            });
            assertThat(ids.orElseThrow())
                    .containsExactly(text.chars().toArray(), text.chars().toArray());
        }
        assertThat(asked).containsExactly("one", " two", " " + longest, longest, " three", "two");
    }

    @Test
    void a_request_is_limited_and_the_order_stays() {
        List<Integer> sizes = new ArrayList<>();
        List<String> texts = List.of("a".repeat(200_000), "b".repeat(100_000), "c".repeat(900_000), "d");
        Optional<List<int[]>> ids = PIECES.encodeAll(texts, request -> {
            sizes.add(request.stream().mapToInt(String::length).sum());
            return Optional.of(request.stream()
                    .map(text -> new int[] {text.length(), text.charAt(0)})
                    .toList());
        });
        assertThat(sizes).containsExactly(200_000, 100_000, 900_000, 1);
        assertThat(ids.orElseThrow())
                .containsExactly(
                        new int[] {200_000, 'a'}, new int[] {100_000, 'b'}, new int[] {900_000, 'c'}, new int[] {1, 'd'
                        });
    }

    @Test
    void if_the_library_fails_there_are_no_ids() {
        assertThat(PIECES.encodeAll(List.of("a"), texts -> Optional.empty())).isEmpty();
    }
}
