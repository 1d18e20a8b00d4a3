/**
 * The contracts between the training loop and an engine: log-probabilities out, their gradient in.
 * A backend is found by {@link java.util.ServiceLoader}; none is ever chosen silently.
 */
@NullMarked
package dpo.core.backend;

import org.jspecify.annotations.NullMarked;
