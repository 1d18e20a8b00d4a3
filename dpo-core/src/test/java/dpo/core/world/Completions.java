package dpo.core.world;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** All completions of a tiny world with their log-probabilities, for expectations by enumeration. */
final class Completions {

    private Completions() {}

    static List<int[]> all(MarkovShape shape) {
        List<int[]> complete = new ArrayList<>();
        extend(shape, new int[0], complete);
        return complete;
    }

    private static void extend(MarkovShape shape, int[] prefix, List<int[]> complete) {
        for (int token = 0; token < shape.vocabulary(); token++) {
            int[] longer = Arrays.copyOf(prefix, prefix.length + 1);
            longer[prefix.length] = token;
            if (token == MarkovShape.END || longer.length == shape.length()) {
                complete.add(longer);
            } else {
                extend(shape, longer, complete);
            }
        }
    }

    static double logProb(MarkovPolicy policy, int prompt, int[] completion) {
        double sum = 0;
        int state = prompt;
        for (int token : completion) {
            sum += policy.logProb(state * policy.shape().vocabulary() + token);
            state = policy.shape().next(state, token);
        }
        return sum;
    }
}
