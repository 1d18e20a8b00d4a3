/**
 * The {@code torch} backend: language models in Hugging Face layout on libtorch, through JavaCPP.
 *
 * <p>Sequences are packed without padding, tokens that rows have in common are computed once, and logits exist only at
 * scored positions and only in pieces. Native memory lives in {@link org.bytedeco.javacpp.PointerScope}s and in the
 * closable policy, forward pass and optimizer.
 */
@NullMarked
package dpo.torch;

import org.jspecify.annotations.NullMarked;
