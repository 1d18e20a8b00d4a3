/**
 * Other systems' configurations in our words: TRL's objective, a TRL DPO configuration, a NeMo RL {@code dpo.yaml}. A
 * translation accounts for every key of its source: translated, without a counterpart here, or not supported, which it
 * says.
 */
@NullMarked
package dpo.harness.peer;

import org.jspecify.annotations.NullMarked;
