/** Tests of the torch backend against transformers, TRL, finite differences and repeated runs. */
@NullMarked
package dpo.torch;

import org.jspecify.annotations.NullMarked;
