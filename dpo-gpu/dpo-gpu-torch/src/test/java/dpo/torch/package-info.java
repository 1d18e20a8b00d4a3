/** Tests of the torch backend against transformers, TRL, differences and its own repeats. */
@NullMarked
package dpo.torch;

import org.jspecify.annotations.NullMarked;
