package dpo.nd4j.network;

/** The distribution of the next token at one place, in doubles: {@code π = softmax(logits)}. */
final class NextTokenRow {

    private final double[] logits;
    private final double[] probabilities;
    private double logSumExp;

    NextTokenRow(int vocabulary) {
        this.logits = new double[vocabulary];
        this.probabilities = new double[vocabulary];
    }

    /** Reads the logits of a row and normalises them. */
    void read(HostRows rows, int row) {
        rows.get(row, logits);
        double max = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (int token = 0; token < logits.length; token++) {
            probabilities[token] = Math.exp(logits[token] - max);
            sum += probabilities[token];
        }
        logSumExp = max + Math.log(sum);
        for (int token = 0; token < logits.length; token++) {
            probabilities[token] /= sum;
        }
    }

    /** Writes the probabilities into a row. */
    void write(HostRows rows, int row) {
        rows.put(row, probabilities);
    }

    /** log π of a token. */
    double logProb(int token) {
        return logits[token] - logSumExp;
    }

    /** {@code log Σ_v π(v)²}. */
    double logSumOfSquares() {
        double sum = 0;
        for (double probability : probabilities) {
            sum += probability * probability;
        }
        return Math.log(sum);
    }

    /** {@code KL(this ‖ other)}. */
    double divergenceFrom(NextTokenRow other) {
        double sum = 0;
        for (int token = 0; token < logits.length; token++) {
            if (probabilities[token] > 0) {
                sum += probabilities[token] * (logProb(token) - other.logProb(token));
            }
        }
        return sum;
    }
}
