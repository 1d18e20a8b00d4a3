/**
 * The values of a template: Python's types and Jinja2's {@code Undefined}, {@code namespace} and {@code loop}. Begin
 * with {@link dpo.data.template.value.Value}, which has every operation with the result of an object that cannot do it;
 * each type overrides what it can do. Values do not change, except namespaces and the state of loops and generators.
 */
@NullMarked
package dpo.data.template.value;

import org.jspecify.annotations.NullMarked;
