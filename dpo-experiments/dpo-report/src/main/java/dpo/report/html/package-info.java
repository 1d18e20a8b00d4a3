/** The report of a sweep or a run: one self-contained HTML file, and its figures as files. */
@NullMarked
package dpo.report.html;

import org.jspecify.annotations.NullMarked;
