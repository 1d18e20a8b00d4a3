/** Sweeps on a Spark cluster. */
@NullMarked
package dpo.spark;

import org.jspecify.annotations.NullMarked;
