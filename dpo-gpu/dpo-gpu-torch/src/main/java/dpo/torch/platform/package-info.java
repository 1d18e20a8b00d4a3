/** The native libraries of this machine: libtorch, CUDA and the driver; whether they are present and complete. */
@NullMarked
package dpo.torch.platform;

import org.jspecify.annotations.NullMarked;
