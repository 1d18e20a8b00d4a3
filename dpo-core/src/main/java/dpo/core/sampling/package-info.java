/**
 * Sampling of completions: settings, prompts with their random streams, the distribution of the next token, and the
 * sampled completions. A backend only computes logits.
 */
@NullMarked
package dpo.core.sampling;

import org.jspecify.annotations.NullMarked;
