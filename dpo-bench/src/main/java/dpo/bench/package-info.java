/**
 * Benchmarks of the losses, of the phases of training, and of its peak memory. The scripts in {@code dpo-bench/peers}
 * measure other systems.
 */
@NullMarked
package dpo.bench;

import org.jspecify.annotations.NullMarked;
