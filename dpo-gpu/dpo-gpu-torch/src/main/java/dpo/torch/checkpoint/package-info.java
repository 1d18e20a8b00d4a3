/**
 * Checkpoints in Hugging Face layout, in plain Java: the tensors of a model in one or several safetensors files, and
 * JSON. The whole header of a file is checked before a byte of a tensor is used. Nothing here needs native code.
 */
@NullMarked
package dpo.torch.checkpoint;

import org.jspecify.annotations.NullMarked;
