/** Processes that train one model together, over libtorch's process groups. */
@NullMarked
package dpo.torch.ranks;

import org.jspecify.annotations.NullMarked;
