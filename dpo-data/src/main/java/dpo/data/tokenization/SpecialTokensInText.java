package dpo.data.tokenization;

/**
 * The treatment of a prompt or completion that spells a special token, such as {@code <|im_end|>}.
 *
 * <p>In a conversation such text ends or forges a turn. In transformers and TRL it becomes the special token, so that
 * the data can change the structure of the prompt. The default is to refuse it: such rows are rare in real data sets
 * (none in the HH test split) and deserve inspection.
 */
public enum SpecialTokensInText {
    /** Tokenization stops with an error that names the example and the token. */
    REFUSE,
    /** The spelling is encoded as ordinary text; the template's own special tokens remain special. */
    TEXT,
    /** The spelling becomes the special token, as in transformers and TRL. */
    ALLOW
}
