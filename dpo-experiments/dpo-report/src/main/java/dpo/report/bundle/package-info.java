/** Bundles: a sweep's or a run's results in one archive, which others can check offline. */
@NullMarked
package dpo.report.bundle;

import org.jspecify.annotations.NullMarked;
