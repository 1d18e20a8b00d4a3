/**
 * From examples to token sequences. Begin with {@link dpo.data.tokenization.ExampleTokenizer}. The boundary between
 * prompt and completion is that of TRL; {@link dpo.data.tokenization.TokenizationSettings} choose truncation and the
 * treatment of special tokens in text; {@link dpo.data.tokenization.TokenizationReport} counts every example that was
 * dropped, truncated or has a doubtful boundary. {@code modelfolder} reads the files of a model, {@code tokenizer} runs
 * the tokenizers library.
 */
@NullMarked
package dpo.data.tokenization;

import org.jspecify.annotations.NullMarked;
