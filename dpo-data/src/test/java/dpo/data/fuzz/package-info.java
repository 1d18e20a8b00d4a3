/**
 * Seeded fuzzing: {@link dpo.data.fuzz.Mutator} changes valid inputs, in their bytes and in their JSON structure;
 * {@link dpo.data.fuzz.Campaign} runs a law over the mutants and reports the input that breaks it.
 */
@NullMarked
package dpo.data.fuzz;

import org.jspecify.annotations.NullMarked;
