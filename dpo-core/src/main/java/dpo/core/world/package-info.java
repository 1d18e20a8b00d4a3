/**
 * A small controlled world with a known reference policy and true reward, in which expected reward and KL divergence of
 * every policy, and the optimum at every β, are computed exactly.
 */
@NullMarked
package dpo.core.world;

import org.jspecify.annotations.NullMarked;
