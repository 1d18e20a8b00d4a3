package dpo.nd4j;

/** The layers of a new network. */
public enum LayerKind {
    /** Blocks of causal attention and a feed-forward layer, each added to its input. */
    ATTENTION,
    /** LSTMs, each on the output of the one before. */
    LSTM,
    /** Causal convolutions, each added to its input. */
    CONV
}
