/**
 * Token sequences with the completions to be scored, pairs of them, and batches: what a backend is asked about.
 * A sequence is plain token ids; which of them are scored, and to which assistant turn they belong, is said by spans.
 */
@NullMarked
package dpo.core.sequence;

import org.jspecify.annotations.NullMarked;
