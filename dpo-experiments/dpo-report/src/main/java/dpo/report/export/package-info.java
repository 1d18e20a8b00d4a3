/** Results for other programs: files of all views, and runs in an MLflow server. */
@NullMarked
package dpo.report.export;

import org.jspecify.annotations.NullMarked;
