/** Tables of the evaluation of a policy: metrics with intervals, by evaluation set and preference source. */
@NullMarked
package dpo.report.evaluation;

import org.jspecify.annotations.NullMarked;
