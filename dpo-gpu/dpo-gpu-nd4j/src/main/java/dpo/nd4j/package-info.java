/** The {@code nd4j} backend: Deeplearning4j networks over token sequences as policies. */
@NullMarked
package dpo.nd4j;

import org.jspecify.annotations.NullMarked;
