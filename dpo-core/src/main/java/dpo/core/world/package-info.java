/**
 * A small world in which everything about preference optimisation is known exactly: the reference policy, the true
 * reward, every policy's expected reward and divergence, and the optimum at every β.
 */
@NullMarked
package dpo.core.world;

import org.jspecify.annotations.NullMarked;
