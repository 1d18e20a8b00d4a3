/**
 * Queries of the files of a sweep or a run: the runs, their metrics and their summary over seeds, by SQL, as tables for
 * terminals, spreadsheets, programs and papers. Read-only; no result is stored in a database.
 */
@NullMarked
package dpo.report.results;

import org.jspecify.annotations.NullMarked;
