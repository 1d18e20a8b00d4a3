/**
 * The settings of a report, a file {@code report.yaml}: which metrics and settings it shows and how they are named, the
 * order and the choice of rows, intervals, baseline, and how tables and figures look.
 */
@NullMarked
package dpo.report.settings;

import org.jspecify.annotations.NullMarked;
