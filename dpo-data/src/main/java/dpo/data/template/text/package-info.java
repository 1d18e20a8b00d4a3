/**
 * Python's string algorithms on Java strings, as far as Java's own differ in result or in worst-case time: character
 * classes, case conversion, search, splitting.
 */
@NullMarked
package dpo.data.template.text;

import org.jspecify.annotations.NullMarked;
