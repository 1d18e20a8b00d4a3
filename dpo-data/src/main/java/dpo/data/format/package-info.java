/**
 * The formats that are built in. Each is a record whose components are its configuration keys; the registries map the
 * names used in configurations to the records, and take a class name of a researcher's own record as well.
 */
@NullMarked
package dpo.data.format;

import org.jspecify.annotations.NullMarked;
