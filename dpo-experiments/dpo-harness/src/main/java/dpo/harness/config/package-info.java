/**
 * The strict YAML configuration: a tree that knows its places in the file, its binding to records, whose components are
 * the keys, and the expansion of a sweep into cells. All errors of a file are reported together.
 */
@NullMarked
package dpo.harness.config;

import org.jspecify.annotations.NullMarked;
