/** The evaluation of a trained policy on any data, against any reference, under any objectives. */
@NullMarked
package dpo.harness.evaluation;

import org.jspecify.annotations.NullMarked;
