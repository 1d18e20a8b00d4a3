/**
 * What earlier starts have computed from unchanged inputs: content of files, tokens of data sets, facts about models. Begin
 * with {@link dpo.harness.cache.InputCache}.
 */
@NullMarked
package dpo.harness.cache;

import org.jspecify.annotations.NullMarked;
