package dpo.data.tokenization;

/**
 * A doubtful boundary: the ids of a prefix (a prompt with its generation prompt, or a conversation up to a turn) are
 * not a prefix of the ids of the whole. The model is then trained on a context that does not occur in generation.
 *
 * @param id the example
 * @param shared number of leading ids that both have in common
 * @param alone the remaining ids of the prefix, decoded
 * @param within as many ids of the whole at the same position, decoded
 */
public record BoundaryDisagreement(String id, int shared, String alone, String within) {}
