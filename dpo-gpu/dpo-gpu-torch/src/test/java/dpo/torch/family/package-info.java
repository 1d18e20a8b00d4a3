/** Tests of the torch backend against transformers, TRL, differences and its own repeats. */
@NullMarked
package dpo.torch.family;

import org.jspecify.annotations.NullMarked;
