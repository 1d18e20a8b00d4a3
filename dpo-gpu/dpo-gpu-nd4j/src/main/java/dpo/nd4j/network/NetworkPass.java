package dpo.nd4j.network;

import dpo.core.backend.ForwardPass;
import dpo.core.backend.GradientChecks;
import dpo.core.logprob.TokenGradient;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A forward pass of a network; log-softmax and its gradient are in doubles, over the scored places. Probabilities take
 * the place of the logits from which they are computed, and the gradient of the logits takes theirs.
 */
public final class NetworkPass implements ForwardPass {

    private static final Set<TokenStatistic> DIFFERENTIATED = Set.of(TokenStatistic.REFERENCE_KL);

    private final LanguageNetwork network;
    private final TokenRows rows;
    private final BodyPass body;
    private final List<Chunk> chunks = new ArrayList<>();
    private final TokenLogProbs logProbs;
    private final Map<TokenStatistic, TokenLogProbs> statistics = new EnumMap<>(TokenStatistic.class);

    /** Places whose logits are computed at once. */
    private record Chunk(int from, INDArray hidden, INDArray probabilities, Optional<INDArray> reference) {}

    /**
     * Runs the pass.
     *
     * @param requested statistics to compute
     * @param reference of the divergence, if that is among the statistics
     */
    public NetworkPass(
            LanguageNetwork network,
            TokenRows rows,
            TokenShape shape,
            Set<TokenStatistic> requested,
            Optional<LanguageNetwork> reference) {
        this.network = network;
        this.rows = rows;
        this.body = new BodyPass(network, rows);
        Scores scores = body.run(hidden -> score(hidden, requested, reference));
        this.logProbs = TokenLogProbs.of(shape, scores.logProbs);
        requested.forEach(statistic -> statistics.put(
                statistic,
                TokenLogProbs.of(
                        shape,
                        switch (statistic) {
                            case LOG_SUM_SQUARED_PROBS -> scores.logSquares;
                            case REFERENCE_KL -> scores.divergences;
                        })));
    }

    private static final class Scores {

        private final double[] logProbs;
        private final double[] logSquares;
        private final double[] divergences;
        private final boolean squares;

        Scores(int places, boolean squares) {
            this.squares = squares;
            this.logProbs = new double[places];
            this.logSquares = new double[places];
            this.divergences = new double[places];
        }
    }

    private Scores score(INDArray hidden, Set<TokenStatistic> requested, Optional<LanguageNetwork> reference) {
        Optional<INDArray> ofReference = reference.map(other -> other.hidden(rows));
        int places = rows.places().length;
        Scores scores = new Scores(places, requested.contains(TokenStatistic.LOG_SUM_SQUARED_PROBS));
        int step = network.head().placesAtOnce();
        for (int from = 0; from < places; from += step) {
            int to = Math.min(places, from + step);
            INDArray part = part(hidden, from, to);
            int begin = from;
            Chunk chunk = new Chunk(from, part, network.head().logits(part), ofReference.map(all -> reference
                    .orElseThrow()
                    .head()
                    .logits(part(all, begin, to))));
            normalize(chunk, scores);
            chunks.add(chunk);
        }
        return scores;
    }

    private static INDArray part(INDArray hidden, int from, int to) {
        return from == 0 && to == hidden.size(0)
                ? hidden
                : hidden.get(NDArrayIndex.interval(from, to), NDArrayIndex.all())
                        .dup('c');
    }

    private void normalize(Chunk chunk, Scores scores) {
        HostRows logits = new HostRows(chunk.probabilities());
        Optional<HostRows> reference = chunk.reference().map(HostRows::new);
        NextTokenRow row = new NextTokenRow(network.vocabulary());
        NextTokenRow other = new NextTokenRow(network.vocabulary());
        for (int i = 0; i < logits.rows(); i++) {
            int place = chunk.from() + i;
            row.read(logits, i);
            scores.logProbs[place] = row.logProb(rows.nextIds()[place]);
            if (scores.squares) {
                scores.logSquares[place] = row.logSumOfSquares();
            }
            if (reference.isPresent()) {
                other.read(reference.get(), i);
                scores.divergences[place] = other.divergenceFrom(row);
                other.write(reference.get(), i);
            }
            row.write(logits, i);
        }
        logits.written();
        reference.ifPresent(HostRows::written);
    }

    @Override
    public TokenLogProbs logProbs() {
        return logProbs;
    }

    @Override
    public Map<TokenStatistic, TokenLogProbs> statistics() {
        return statistics;
    }

    @Override
    public void backward(TokenGradient gradient) {
        backward(gradient, Map.of());
    }

    /** {@code ∂log π(a)/∂z_v = 1[v = a] − π(v)} and {@code ∂KL/∂z_v = π(v) − π_ref(v)}. */
    @Override
    public void backward(TokenGradient gradient, Map<TokenStatistic, TokenGradient> ofStatistics) {
        GradientChecks.require(logProbs.shape(), gradient, ofStatistics, DIFFERENTIATED);
        double[] ofLogProbs = gradient.toArray();
        double[] ofDivergence = Optional.ofNullable(ofStatistics.get(TokenStatistic.REFERENCE_KL))
                .map(TokenGradient::toArray)
                .orElse(new double[ofLogProbs.length]);
        body.backward(() -> ofHidden(ofLogProbs, ofDivergence));
    }

    private INDArray ofHidden(double[] ofLogProbs, double[] ofDivergence) {
        long width = chunks.get(0).hidden().size(1);
        INDArray all = Nd4j.create(network.parameters().dataType(), rows.places().length, width);
        for (Chunk chunk : chunks) {
            toGradient(chunk, ofLogProbs, ofDivergence);
            all.get(
                            NDArrayIndex.interval(
                                    chunk.from(), chunk.from() + chunk.hidden().size(0)),
                            NDArrayIndex.all())
                    .assign(network.head().backward(chunk.hidden(), chunk.probabilities()));
        }
        return all;
    }

    private void toGradient(Chunk chunk, double[] ofLogProbs, double[] ofDivergence) {
        HostRows probabilities = new HostRows(chunk.probabilities());
        Optional<HostRows> reference = chunk.reference().map(HostRows::new);
        double[] row = new double[network.vocabulary()];
        double[] other = new double[network.vocabulary()];
        for (int i = 0; i < probabilities.rows(); i++) {
            int place = chunk.from() + i;
            double slope = ofDivergence[place] - ofLogProbs[place];
            probabilities.get(i, row);
            if (ofDivergence[place] != 0) {
                reference.orElseThrow().get(i, other);
            }
            for (int token = 0; token < row.length; token++) {
                row[token] = slope * row[token] - ofDivergence[place] * other[token];
            }
            row[rows.nextIds()[place]] += ofLogProbs[place];
            probabilities.put(i, row);
        }
        probabilities.written();
    }

    @Override
    public void close() {
        body.close();
    }
}
