/** Tests of the torch backend against transformers, TRL, differences and its own repeats. */
@NullMarked
package dpo.torch.block;

import org.jspecify.annotations.NullMarked;
