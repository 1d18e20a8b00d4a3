/**
 * What is recorded of a batch of preferences beside its loss, under TRL's names where TRL has the metric. Metrics are
 * plain means over the pairs seen, so that they do not depend on how the pairs were split into batches.
 */
@NullMarked
package dpo.core.metric;

import org.jspecify.annotations.NullMarked;
