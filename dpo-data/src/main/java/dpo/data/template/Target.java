package dpo.data.template;

import java.util.List;

/** What a {@code set} or a {@code for} assigns to. */
sealed interface Target {
    void declare(Scope scope, boolean asParameter);

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

    /** Several targets that share out the items of a value. */
    record Several(List<Target> targets) implements Target {
        @Override
        public void declare(Scope scope, boolean asParameter) {
            targets.forEach(target -> target.declare(scope, asParameter));
        }

        @Override
        public void assign(Frame frame, Value value) {
            List<Value> values = value.toList(frame.meter());
            if (values.size() != targets.size()) {
                throw new Failure("the number of values to unpack must be " + targets.size() + ", got "
                        + values.size());
            }
            for (int i = 0; i < values.size(); i++) {
                targets.get(i).assign(frame, values.get(i));
            }
        }
    }
}
