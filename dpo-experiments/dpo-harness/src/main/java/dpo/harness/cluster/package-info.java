/** Sweeps whose cells are processes on the machines of a cluster. */
@NullMarked
package dpo.harness.cluster;

import org.jspecify.annotations.NullMarked;
