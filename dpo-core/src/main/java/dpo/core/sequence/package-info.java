/**
 * Token sequences, preferences and batches, the inputs of a backend. A sequence is a list of token ids; spans define
 * the scored tokens of each assistant turn.
 */
@NullMarked
package dpo.core.sequence;

import org.jspecify.annotations.NullMarked;
