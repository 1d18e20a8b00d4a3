/**
 * The blocks of which decoder-only transformers are made: embedding, norm, projection, attention with its positions and
 * windows, feed-forward, residual layer. Each is a record that names its parameters with their shapes and computes with
 * them on libtorch, so an {@link dpo.torch.block.Architecture} is both the description of a model and the model. Blocks
 * know no family; a family is which blocks it composes.
 */
@NullMarked
package dpo.torch.block;

import org.jspecify.annotations.NullMarked;
