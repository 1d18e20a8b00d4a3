/**
 * Chat templates, rendered exactly as Python's Jinja2 renders them.
 *
 * <p>A checkpoint's chat template is a small Jinja2 program that turns a conversation into the text that a model was
 * trained on; one space more or less is another prompt. {@link dpo.data.template.ChatTemplate} is an interpreter for
 * the part of Jinja2 3.1 that such templates use, with Python's values, in the environment that Hugging Face
 * transformers sets up. It is strict: what it does not know it refuses, with template name and line, so that a prompt
 * is either Jinja2's prompt or an error. Templates come with untrusted checkpoints, so a meter bounds the time, memory
 * and depth of everything that they do.
 */
@NullMarked
package dpo.data.template;

import org.jspecify.annotations.NullMarked;
