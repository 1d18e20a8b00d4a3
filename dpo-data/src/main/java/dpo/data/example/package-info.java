/**
 * Examples as text, before any tokenizer: messages, prompts, completions, preferences. Their constructors refuse what
 * no reader should let through, so that the same rules hold for every format, a researcher's own included.
 */
@NullMarked
package dpo.data.example;

import org.jspecify.annotations.NullMarked;
