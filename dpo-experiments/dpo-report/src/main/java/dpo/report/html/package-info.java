/** The report of a sweep or a run: one HTML file that needs nothing else, and its figures as files. */
@NullMarked
package dpo.report.html;

import org.jspecify.annotations.NullMarked;
