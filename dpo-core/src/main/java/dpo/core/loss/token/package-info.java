/**
 * Objectives that see more of a token than its log-probability: how far policy and reference are apart in all that
 * could stand in its place.
 */
@NullMarked
package dpo.core.loss.token;

import org.jspecify.annotations.NullMarked;
