/**
 * Run folders: the files that are the truth about a run, written so that a kill at any moment leaves them whole.
 */
@NullMarked
package dpo.harness.store;

import org.jspecify.annotations.NullMarked;
