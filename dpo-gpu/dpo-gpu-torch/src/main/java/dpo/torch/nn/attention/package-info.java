/**
 * Causal self-attention: grouped-query heads, rotary position embedding, sliding windows and soft caps, over packed
 * rows or a key-value cache. The kernels are operations outside libtorch's graph, with their gradients written out.
 */
@NullMarked
package dpo.torch.nn.attention;

import org.jspecify.annotations.NullMarked;
