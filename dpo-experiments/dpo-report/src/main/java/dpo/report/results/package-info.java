/**
 * Questions to the files of a sweep or a run: the runs, their metrics and their summary over seeds, by SQL, as tables
 * in the formats that terminals, spreadsheets, programs and papers take. Reads only; the files stay the truth.
 */
@NullMarked
package dpo.report.results;

import org.jspecify.annotations.NullMarked;
