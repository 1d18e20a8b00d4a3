/** Experiments about terms that are added to a preference objective. */
@NullMarked
package dpo.lab.regularization;

import org.jspecify.annotations.NullMarked;
