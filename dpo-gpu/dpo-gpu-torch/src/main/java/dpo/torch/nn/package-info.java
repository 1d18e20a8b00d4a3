/**
 * The layers of decoder-only transformers: embedding, norm, projection, feed-forward network, residual layer, LM head.
 * Each is a record that names its parameters with their shapes and evaluates itself on libtorch, so an {@link
 * dpo.torch.nn.Architecture} is both the description of a model and the model. Layers know no model family; a family is
 * a composition of them. A {@link dpo.torch.nn.Block} or {@link dpo.torch.nn.Norm} of your own is evaluated in the same
 * way, with what its {@link dpo.torch.nn.ForwardContext} offers.
 */
@NullMarked
package dpo.torch.nn;

import org.jspecify.annotations.NullMarked;
