package dpo.torch.tensor;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;

/**
 * An operator of libtorch that the Java bindings lack, called by name through libtorch's dispatcher.
 *
 * @param handle its entry in the dispatcher
 */
public record BoxedOperator(OperatorHandle handle) {

    /** The operator with a name such as {@code aten::mm}, valid in the current pointer scope. */
    public static BoxedOperator of(String name) {
        return of(name, "");
    }

    /** The given overload of an operator, valid in the current pointer scope. */
    public static BoxedOperator of(String name, String overload) {
        return new BoxedOperator(Dispatcher.singleton().findSchemaOrThrow(name, overload));
    }

    /** Calls an operator with a single result. */
    public Tensor call(IValue... arguments) {
        return call(1, arguments)[0];
    }

    /** Calls an operator and returns its first results. */
    public Tensor[] call(int results, IValue... arguments) {
        IValueVector stack = new IValueVector(arguments);
        handle.callBoxed(stack);
        Tensor[] tensors = new Tensor[results];
        for (int i = 0; i < results; i++) {
            tensors[i] = new Tensor(stack.get(i).toTensor());
        }
        return tensors;
    }
}
