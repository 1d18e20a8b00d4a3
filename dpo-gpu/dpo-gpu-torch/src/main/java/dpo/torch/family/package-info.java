/**
 * The model families: each reads {@code config.json} and composes an {@link dpo.torch.nn.Architecture} of the layers in
 * {@code dpo.torch.nn}. They are services: a jar on the class path can add one.
 */
@NullMarked
package dpo.torch.family;

import org.jspecify.annotations.NullMarked;
