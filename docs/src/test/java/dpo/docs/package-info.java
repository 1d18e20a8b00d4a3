/**
 * The pages of the documentation, tested: examples parse, compile and pass, tables agree with the code, names exist,
 * links lead somewhere.
 */
@NullMarked
package dpo.docs;

import org.jspecify.annotations.NullMarked;
