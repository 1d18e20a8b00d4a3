package dpo.torch.block;

import org.bytedeco.pytorch.Tensor;

/** Which keys and values the queries of a pass attend to. */
@FunctionalInterface
interface Attending {

    /** Those of the pass itself, as its packed rows say. */
    Attending WITHIN_PASS = (settings, pass, queries, keys, values) ->
            pass.weights().apply(
                    pass.weights().areOnCuda() && VariableLengthAttention.canCompute(settings, pass)
                            ? new VariableLengthAttention(settings, pass)
                            : new CausalAttention(settings, pass),
                    queries, keys, values);

    /**
     * What an attention attends to.
     *
     * @param queries {@code [packed, heads, d]}, normalised and turned
     * @param keys {@code [packed, groups, d]}, normalised and turned
     * @param values {@code [packed, groups, d]}
     * @return {@code [packed, heads · d]}
     */
    Tensor apply(Attention settings, Pass pass, Tensor queries, Tensor keys, Tensor values);
}
