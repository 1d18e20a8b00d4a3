/**
 * The interfaces between the training loop and a backend, which computes log-probabilities and takes their gradient.
 * Backends are found by {@link java.util.ServiceLoader}; the configuration names the one to use.
 */
@NullMarked
package dpo.core.backend;

import org.jspecify.annotations.NullMarked;
