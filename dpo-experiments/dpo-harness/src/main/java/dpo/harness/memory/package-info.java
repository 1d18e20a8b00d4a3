/**
 * Memory before a run: what its engine says it will need, what the machine has, and the settings that would fit.
 */
@NullMarked
package dpo.harness.memory;

import org.jspecify.annotations.NullMarked;
