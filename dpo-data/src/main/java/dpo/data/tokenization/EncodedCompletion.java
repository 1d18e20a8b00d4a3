package dpo.data.tokenization;

import java.util.List;

/**
 * A prompt with one completion, in ids, before it is decided where the turns begin and end.
 *
 * @param ids the whole
 * @param answersAtOnce whether the completion begins with a scored turn
 * @param turns the scored turns in order, at least one
 */
record EncodedCompletion(int[] ids, boolean answersAtOnce, List<Turn> turns) {

    /**
     * A scored turn, told by two beginnings of the conversation.
     *
     * @param before ids of all before the turn, with what invites the answer (the generation prompt)
     * @param through ids of all up to and including the turn
     */
    record Turn(int[] before, int[] through) {}
}
