/**
 * Benchmarks of losses, and of the phases of a training step; the scripts in {@code dpo-bench/peers} compare with other
 * systems.
 */
@NullMarked
package dpo.bench;

import org.jspecify.annotations.NullMarked;
