/**
 * The strict YAML configuration: a tree with file locations, its binding to records whose components are the keys,
 * and the expansion of a sweep into cells. All errors of a file are reported together.
 */
@NullMarked
package dpo.harness.config;

import org.jspecify.annotations.NullMarked;
