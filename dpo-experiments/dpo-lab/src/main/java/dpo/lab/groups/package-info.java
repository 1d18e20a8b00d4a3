/** Experiments about preferences from several sources that disagree. */
@NullMarked
package dpo.lab.groups;

import org.jspecify.annotations.NullMarked;
