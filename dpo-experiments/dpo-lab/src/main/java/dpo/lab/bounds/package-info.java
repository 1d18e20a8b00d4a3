/** Experiments about what a training loss implies for the policy. */
@NullMarked
package dpo.lab.bounds;

import org.jspecify.annotations.NullMarked;
