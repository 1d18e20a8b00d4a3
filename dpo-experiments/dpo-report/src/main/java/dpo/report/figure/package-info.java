/**
 * Figures of a sweep's results: learning curves, metrics against a swept setting, and the reward–KL plane with the
 * exact frontier where it is known. One description of a drawing gives both SVG and PNG.
 */
@NullMarked
package dpo.report.figure;

import org.jspecify.annotations.NullMarked;
