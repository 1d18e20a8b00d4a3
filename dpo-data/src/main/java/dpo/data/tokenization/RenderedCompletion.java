package dpo.data.tokenization;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The text of a prompt with one completion.
 *
 * @param text prompt and completion
 * @param answersAtOnce whether the completion begins with a scored turn
 * @param turns the scored turns in order, at least one
 */
record RenderedCompletion(String text, boolean answersAtOnce, List<Turn> turns) {

    /**
     * A scored turn, described by two prefixes of the conversation.
     *
     * @param before the text before the turn, including the generation prompt
     * @param through the text up to and including the turn
     */
    record Turn(String before, String through) {}

    /** All texts whose ids are needed. */
    Stream<String> texts() {
        return Stream.concat(Stream.of(text), turns.stream().flatMap(turn -> Stream.of(turn.before(), turn.through())));
    }

    EncodedCompletion encoded(Function<String, int[]> ids) {
        return new EncodedCompletion(
                ids.apply(text),
                answersAtOnce,
                turns.stream()
                        .map(turn -> new EncodedCompletion.Turn(ids.apply(turn.before()), ids.apply(turn.through())))
                        .toList());
    }
}
