package dpo.torch.nn.attention;

import dpo.core.setting.Requirement;

/**
 * The heads of grouped-query attention (arXiv:2305.13245).
 *
 * @param queries number of query heads
 * @param keyValues number of key and value heads, a divisor of {@code queries}
 * @param size width of a head
 */
public record Heads(int queries, int keyValues, int size) {

    private static final int LARGEST_WIDTH = 1 << 24;

    public Heads {
        Requirement.atLeast("num_attention_heads", queries, 1);
        Requirement.atLeast("num_key_value_heads", keyValues, 1);
        Requirement.atLeast("head_dim", size, 1);
        if ((long) queries * size > LARGEST_WIDTH) {
            throw new IllegalArgumentException("num_attention_heads times head_dim must be at most " + LARGEST_WIDTH
                    + ", got " + queries + " times " + size);
        }
        if (queries % keyValues != 0) {
            throw new IllegalArgumentException(
                    "num_key_value_heads must divide num_attention_heads (" + queries + "), got " + keyValues);
        }
    }

    /** Equal numbers of query, key and value heads that divide the hidden size among them. */
    public static Heads equal(int heads, int hiddenSize) {
        Requirement.atLeast("num_attention_heads", heads, 1);
        if (hiddenSize % heads != 0) {
            throw new IllegalArgumentException(
                    "num_attention_heads must divide hidden_size (" + hiddenSize + "), got " + heads);
        }
        return new Heads(heads, heads, hiddenSize / heads);
    }

    /** Number of query heads that share keys and values. */
    public int inGroup() {
        return queries / keyValues;
    }

    /** Width of all queries of a token. */
    public int queryWidth() {
        return queries * size;
    }

    /** Width of all keys, and of all values, of a token. */
    public int keyValueWidth() {
        return keyValues * size;
    }
}
