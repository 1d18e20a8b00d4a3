/**
 * Benchmarks of the losses, of where the time of a training goes, and of its peak memory; measurements against other
 * systems are the scripts in {@code dpo-bench/peers}.
 */
@NullMarked
package dpo.bench;

import org.jspecify.annotations.NullMarked;
