/**
 * The syntax tree of a template, which executes itself: {@link dpo.data.template.runtime.Statement}s append to the
 * output, {@link dpo.data.template.runtime.Expression}s have values. A {@link dpo.data.template.runtime.Scope} resolves
 * names before rendering, a {@link dpo.data.template.runtime.Frame} holds their values.
 */
@NullMarked
package dpo.data.template.runtime;

import org.jspecify.annotations.NullMarked;
