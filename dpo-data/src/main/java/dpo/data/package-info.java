/**
 * The way of the data: files to preference examples ({@code source}, {@code format}, {@code example}), examples to
 * token sequences ({@code template}, {@code tokenization}), sequences to optimizer steps ({@code batch}), and the
 * record of where everything came from ({@code provenance}, {@code audit}).
 */
@NullMarked
package dpo.data;

import org.jspecify.annotations.NullMarked;
