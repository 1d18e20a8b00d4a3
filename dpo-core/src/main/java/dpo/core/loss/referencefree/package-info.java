/**
 * Reference-free objectives and the SFT term.
 */
@NullMarked
package dpo.core.loss.referencefree;

import org.jspecify.annotations.NullMarked;
