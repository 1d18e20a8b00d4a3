/**
 * The layers of decoder-only transformers: embedding, norm, projection, feed-forward network, residual layer, LM head.
 * Each is a record that names its parameters with their shapes and evaluates itself on libtorch, so an {@link
 * dpo.torch.nn.Architecture} is both the description of a model and the model. Layers do not depend on a model family;
 * a family is a composition of layers. A {@link dpo.torch.nn.Block} or {@link dpo.torch.nn.Norm} of your own is
 * evaluated in the same way, with its {@link dpo.torch.nn.ForwardContext}.
 */
@NullMarked
package dpo.torch.nn;

import org.jspecify.annotations.NullMarked;
