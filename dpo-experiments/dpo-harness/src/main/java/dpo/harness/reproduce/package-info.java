/**
 * Running a recorded run again: {@link dpo.harness.reproduce.Reproduction} finds its inputs, wherever they are now, and
 * {@link dpo.harness.reproduce.RunComparison} compares the two runs number by number. {@link
 * dpo.harness.reproduce.InputDifference} names what two runs read differently.
 */
@NullMarked
package dpo.harness.reproduce;

import org.jspecify.annotations.NullMarked;
