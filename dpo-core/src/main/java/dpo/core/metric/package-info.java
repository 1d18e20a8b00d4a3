/**
 * Metrics of preferences, with TRL's names for metrics that TRL has. They are means over all pairs and do not depend on
 * the split into batches.
 */
@NullMarked
package dpo.core.metric;

import org.jspecify.annotations.NullMarked;
