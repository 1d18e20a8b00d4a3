/**
 * The model families: each reads its {@code config.json} and composes an {@link dpo.torch.block.Architecture} of the
 * blocks in {@code dpo.torch.block}. They are services: a jar on the class path brings another one.
 */
@NullMarked
package dpo.torch.family;

import org.jspecify.annotations.NullMarked;
