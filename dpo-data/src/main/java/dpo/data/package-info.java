/**
 * The data pipeline: files to preference examples ({@code source}, {@code row}, {@code format}, {@code example}),
 * examples to token sequences ({@code template}, {@code tokenization}), sequences to optimizer steps ({@code batch}),
 * with provenance and statistics of the data ({@code provenance}, {@code audit}).
 */
@NullMarked
package dpo.data;

import org.jspecify.annotations.NullMarked;
