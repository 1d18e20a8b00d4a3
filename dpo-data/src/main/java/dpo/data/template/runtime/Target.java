package dpo.data.template.runtime;

import dpo.data.template.meter.Failure;
import dpo.data.template.value.Namespace;
import dpo.data.template.value.Value;
import java.util.List;

/** The left side of a {@code set} or {@code for}. */
public sealed interface Target {
    /** Declares the names that an assignment sets or reads. */
    void declare(Scope scope, boolean asParameter);

    /** Assigns a value. */
    void assign(Frame frame, Value value);

    /** A variable. */
    record Variable(String name) implements Target {
        @Override
        public void declare(Scope scope, boolean asParameter) {
            if (asParameter) {
                scope.parameter(name);
            } else {
                scope.store(name);
            }
        }

        @Override
        public void assign(Frame frame, Value value) {
            frame.set(name, value);
        }
    }

    /** An attribute of a namespace. */
    record Attribute(String owner, String name) implements Target {
        @Override
        public void declare(Scope scope, boolean asParameter) {
            scope.load(owner);
        }

        @Override
        public void assign(Frame frame, Value value) {
            if (!(frame.get(owner) instanceof Namespace namespace)) {
                throw new Failure("cannot assign attribute on non-namespace object");
            }
            namespace.set(frame.meter(), name, value);
        }
    }

    /** {@code a, b}: one target for each item of a value. */
    record Several(List<Target> targets) implements Target {
        @Override
        public void declare(Scope scope, boolean asParameter) {
            targets.forEach(target -> target.declare(scope, asParameter));
        }

        @Override
        public void assign(Frame frame, Value value) {
            List<Value> values = value.toList(frame.meter());
            if (values.size() != targets.size()) {
                throw new Failure(
                        "the number of values to unpack must be " + targets.size() + ", got " + values.size());
            }
            for (int i = 0; i < values.size(); i++) {
                targets.get(i).assign(frame, values.get(i));
            }
        }
    }
}
