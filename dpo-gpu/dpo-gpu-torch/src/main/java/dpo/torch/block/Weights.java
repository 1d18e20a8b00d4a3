package dpo.torch.block;

import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;

/** The parameters of a model where they lie, and how products with them are computed there. */
public interface Weights {

    /**
     * The parameter of a name, as it is used outside of products: norms, and tables of positions.
     *
     * @throws IllegalArgumentException where there is none
     */
    Tensor get(String name);

    /**
     * {@code y = x Wᵀ + b} with the parameters of a projection, and with what an adapter adds to it.
     *
     * @param input x, {@code [rows, in]}
     * @return {@code [rows, out]}, in the number format of products
     */
    Tensor project(Projection projection, Tensor input);

    /**
     * The stream at a place from which several ways lead on. A pass whose gradient is asked for is differentiated piece
     * by piece, and each piece once: it has to end where its result is used more than once.
     */
    Tensor fork(Tensor stream);

    /** The result of an operation; for a pass whose gradient is asked for, the beginning of another piece of graph. */
    Tensor apply(Operation operation, Tensor... inputs);

    /**
     * Does tasks that are independent of each other, at the same time where there are threads for it, outside of
     * libtorch's graph, and each in a scope of its own. A single task has all threads for its operations.
     */
    void sideBySide(int tasks, IntConsumer task);

    /** The numbers in the format of products, in libtorch's graph; the same tensor where they are in it already. */
    Tensor forProducts(Tensor tensor);

    /** Whether it is CUDA that computes. */
    boolean areOnCuda();

    /** The tensor on the device of the parameters; itself where it is there already. */
    Tensor place(Tensor tensor);
}
