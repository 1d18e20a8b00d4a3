/** Layers that Deeplearning4j lacks, for networks with causal attention. */
@NullMarked
package dpo.nd4j.layer;

import org.jspecify.annotations.NullMarked;
