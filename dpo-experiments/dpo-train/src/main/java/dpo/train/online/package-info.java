/**
 * Methods that learn from a reward: completions are sampled from the policy, and a reward, known or learned from the
 * preferences, says how good they are.
 */
@NullMarked
package dpo.train.online;

import org.jspecify.annotations.NullMarked;
