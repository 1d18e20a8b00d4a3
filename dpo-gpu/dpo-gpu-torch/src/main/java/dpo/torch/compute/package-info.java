/**
 * How a device computes: its matmul kernels, which are chosen once per device by an accuracy check, and its threads.
 */
@NullMarked
package dpo.torch.compute;

import org.jspecify.annotations.NullMarked;
