/** Tests of reading, checking and writing checkpoints. */
@NullMarked
package dpo.torch.checkpoint;

import org.jspecify.annotations.NullMarked;
