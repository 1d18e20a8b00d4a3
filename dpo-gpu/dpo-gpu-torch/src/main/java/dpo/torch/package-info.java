/**
 * The {@code torch} backend: language models in Hugging Face layout on libtorch, through JavaCPP.
 *
 * <p>Sequences are packed without padding, tokens that rows share are computed once, and logits exist only at scored
 * positions and only in chunks. Native memory is owned by {@link org.bytedeco.javacpp.PointerScope}s and closable
 * objects.
 *
 * <p>Each package depends only on those before it: {@code checkpoint} (files), {@code tensor}, {@code platform}, {@code
 * compute} (matmul kernels and threads), {@code autograd}, {@code linear}, {@code layout} (packed rows), {@code nn} and
 * {@code nn.attention} (layers), {@code family} (model families), {@code lora}, {@code model}, {@code lm} (the model on
 * a device), {@code generation}, {@code training}, {@code memory} (its estimate), and this one (settings, policy and
 * backend). Families of your own use {@code layout}, {@code nn}, {@code nn.attention} and {@code family}; the other
 * packages are public only to each other.
 */
@NullMarked
package dpo.torch;

import org.jspecify.annotations.NullMarked;
