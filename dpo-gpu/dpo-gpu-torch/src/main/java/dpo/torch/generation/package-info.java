/** Generation of completions, token by token, with a key-value cache. */
@NullMarked
package dpo.torch.generation;

import org.jspecify.annotations.NullMarked;
