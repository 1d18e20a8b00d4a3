/**
 * Token-level objectives, which depend on the divergence of the next-token distributions of policy and reference.
 */
@NullMarked
package dpo.core.loss.token;

import org.jspecify.annotations.NullMarked;
