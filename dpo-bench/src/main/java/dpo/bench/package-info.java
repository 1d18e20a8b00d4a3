/**
 * Benchmarks of the engine-free core, and of where the time of a training goes; measurements against other systems are
 * the scripts in {@code dpo-bench/peers}.
 */
@NullMarked
package dpo.bench;

import org.jspecify.annotations.NullMarked;
