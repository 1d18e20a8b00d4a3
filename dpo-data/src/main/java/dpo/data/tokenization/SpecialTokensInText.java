package dpo.data.tokenization;

/**
 * What happens where the text of a prompt or answer spells a special token, such as {@code <|im_end|>}.
 *
 * <p>Nobody writes that in a conversation by chance, and left alone it ends or forges a turn; transformers and TRL let
 * it through, so that a data set decides about the structure of the prompt. The default refuses, since such rows are
 * rare in real sets (none in the HH test split) and someone should have looked at them.
 */
public enum SpecialTokensInText {
    /** Tokenisation stops with a message that names the example and the token. */
    REFUSE,
    /**
     * The spelling is encoded as the ordinary text that it is; the special tokens of the template stay what they are.
     */
    TEXT,
    /** The spelling becomes the special token, as in transformers and TRL. */
    ALLOW
}
