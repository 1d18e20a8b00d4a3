/**
 * From the source of a template to its syntax tree: {@link dpo.data.template.syntax.Lexer} cuts it into tokens, {@link
 * dpo.data.template.syntax.StatementParser} parses them. Unknown tags, filters and tests are refused here.
 */
@NullMarked
package dpo.data.template.syntax;

import org.jspecify.annotations.NullMarked;
