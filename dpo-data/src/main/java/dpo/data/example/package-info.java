/**
 * Examples as text: messages, prompts, completions, preferences. Begin with {@link dpo.data.example.PreferenceExample}.
 * The constructors check all rules of an example, so that the same rules hold for every format, including a
 * researcher's own.
 */
@NullMarked
package dpo.data.example;

import org.jspecify.annotations.NullMarked;
