/**
 * The tokenizers library of Hugging Face, which runs in a separate process because some inputs crash it. Begin with
 * {@link dpo.data.tokenization.tokenizer.HuggingFaceTokenizer}.
 */
@NullMarked
package dpo.data.tokenization.tokenizer;

import org.jspecify.annotations.NullMarked;
