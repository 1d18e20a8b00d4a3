/** Low-rank adapters: their settings, their matrices in training, and their files in PEFT's format. */
@NullMarked
package dpo.torch.lora;

import org.jspecify.annotations.NullMarked;
