/**
 * Tests of the documentation: examples parse, compile and pass, tables agree with the code, names exist, links are
 * valid.
 */
@NullMarked
package dpo.docs;

import org.jspecify.annotations.NullMarked;
