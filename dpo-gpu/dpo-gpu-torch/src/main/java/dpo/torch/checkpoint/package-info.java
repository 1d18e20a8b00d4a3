/**
 * Checkpoints in Hugging Face layout, in plain Java: the tensors of a model in
 * safetensors files, one or several. Reading checks the whole header before a byte of a tensor is used; nothing here
 * needs native code.
 */
@NullMarked
package dpo.torch.checkpoint;

import org.jspecify.annotations.NullMarked;
