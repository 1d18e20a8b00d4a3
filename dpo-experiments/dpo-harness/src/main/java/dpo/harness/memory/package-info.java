/**
 * The memory check before a run: the backend's estimate, the available memory, and settings that would fit.
 */
@NullMarked
package dpo.harness.memory;

import org.jspecify.annotations.NullMarked;
