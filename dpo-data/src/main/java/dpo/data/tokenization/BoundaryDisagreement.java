package dpo.data.tokenization;

/**
 * A place where the ids of a beginning (a prompt with its generation prompt, or a conversation up to a turn) are not a
 * beginning of the ids of the whole. The model is then trained on a context that it does not meet when it answers.
 *
 * @param id the example
 * @param shared number of ids that the two have in common
 * @param alone what follows them in the beginning, decoded
 * @param within what follows them in the whole, decoded, as many ids
 */
public record BoundaryDisagreement(String id, int shared, String alone, String within) {}
