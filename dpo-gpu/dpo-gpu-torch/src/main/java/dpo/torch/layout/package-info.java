/** How the tokens of a batch are laid out for a forward pass: packed rows, or one next token per sequence. */
@NullMarked
package dpo.torch.layout;

import org.jspecify.annotations.NullMarked;
