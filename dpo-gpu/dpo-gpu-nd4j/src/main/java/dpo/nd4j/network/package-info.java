/** Deeplearning4j networks as language models: files, rules, forward and backward passes over token sequences. */
@NullMarked
package dpo.nd4j.network;

import org.jspecify.annotations.NullMarked;
