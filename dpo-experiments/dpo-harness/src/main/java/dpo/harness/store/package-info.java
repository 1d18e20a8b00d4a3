/**
 * Run folders: the files of a run, written so that a kill at any moment leaves them intact.
 */
@NullMarked
package dpo.harness.store;

import org.jspecify.annotations.NullMarked;
