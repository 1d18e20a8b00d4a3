/**
 * The tokenizers library of Hugging Face, which runs in a process of its own because some inputs crash it. Begin with
 * {@link dpo.data.tokenization.tokenizer.HuggingFaceTokenizer}.
 */
@NullMarked
package dpo.data.tokenization.tokenizer;

import org.jspecify.annotations.NullMarked;
