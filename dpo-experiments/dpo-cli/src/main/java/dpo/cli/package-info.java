/**
 * The command line: {@code dpo train}, {@code dpo sweep} and the others.
 */
@NullMarked
package dpo.cli;

import org.jspecify.annotations.NullMarked;
