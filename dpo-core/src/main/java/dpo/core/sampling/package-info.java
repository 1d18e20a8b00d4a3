/**
 * Drawing completions from a policy: the settings, the prompts with their random streams, the distribution that a token
 * is drawn from, and what came of it. Engine-free: an engine gives logits, everything else is here.
 */
@NullMarked
package dpo.core.sampling;

import org.jspecify.annotations.NullMarked;
