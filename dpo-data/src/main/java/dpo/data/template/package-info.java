/**
 * Chat templates, rendered exactly as Python's Jinja2 renders them. Begin with {@link dpo.data.template.ChatTemplate};
 * the packages below are its implementation, which nothing else uses.
 *
 * <p>A checkpoint's chat template is a small Jinja2 program that turns a conversation into the text on which a model
 * was trained; a single additional space changes the prompt. This package interprets the part of Jinja2 3.1 that such
 * templates use. A rendering is either equal to Jinja2's text or an error with template name and line. Templates come
 * with untrusted checkpoints, so a meter limits their time, memory and depth.
 *
 * <p>The layers, each of which depends only on those before it: {@code meter} (limits), {@code text} (string
 * algorithms), {@code value} (Python's values), {@code operator} (Python's operators), {@code runtime} (the syntax tree
 * and its execution), {@code builtin} (filters, tests, functions), {@code syntax} (lexer and parser).
 */
@NullMarked
package dpo.data.template;

import org.jspecify.annotations.NullMarked;
