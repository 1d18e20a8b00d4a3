package dpo.data.tokenization;

import java.util.List;

/**
 * The ids of a prompt with one completion, before the boundaries of the turns are known.
 *
 * @param ids prompt and completion
 * @param answersAtOnce whether the completion begins with a scored turn
 * @param turns the scored turns in order, at least one
 */
record EncodedCompletion(int[] ids, boolean answersAtOnce, List<Turn> turns) {

    /**
     * A scored turn, described by two prefixes of the conversation.
     *
     * @param before ids of everything before the turn, including the generation prompt
     * @param through ids of everything up to and including the turn
     */
    record Turn(int[] before, int[] through) {}
}
