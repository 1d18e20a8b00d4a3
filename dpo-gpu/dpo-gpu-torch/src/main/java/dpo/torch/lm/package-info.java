/** A language model on a device: its parameters, its forward pass, and its LM head with log-probabilities. */
@NullMarked
package dpo.torch.lm;

import org.jspecify.annotations.NullMarked;
