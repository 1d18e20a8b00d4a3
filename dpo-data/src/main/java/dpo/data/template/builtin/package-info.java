/**
 * The filters, tests and global functions of templates, by name: those of Jinja2, and those that transformers adds
 * ({@code tojson}, {@code raise_exception}, {@code strftime_now}). Begin with {@link
 * dpo.data.template.builtin.Filters}.
 */
@NullMarked
package dpo.data.template.builtin;

import org.jspecify.annotations.NullMarked;
