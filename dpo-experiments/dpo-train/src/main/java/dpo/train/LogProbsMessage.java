package dpo.train;

import dpo.core.logprob.Labels;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.logprob.TokenShape;
import dpo.core.logprob.TokenStatistic;
import dpo.core.sequence.PreferenceBatch;
import java.nio.DoubleBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/**
 * The log-probabilities of micro-batches as numbers that ranks send to each other. For each micro-batch: whether it has
 * a reference, number of mismatched log-ratios, number of statistics; the rows of the policy and of the reference; each
 * statistic with its number; the log-ratios.
 */
final class LogProbsMessage {

    private static final List<TokenStatistic> STATISTICS = List.of(TokenStatistic.values());

    private LogProbsMessage() {}

    static double[] of(List<PreferenceLogProbs> parts) {
        return parts.stream().flatMapToDouble(LogProbsMessage::of).toArray();
    }

    private static DoubleStream of(PreferenceLogProbs part) {
        DoubleStream header = DoubleStream.of(
                part.hasReference() ? 1 : 0,
                part.mismatched().size(),
                part.statistics().size());
        DoubleStream models = DoubleStream.concat(numbers(part.policy()), numbers(part.reference()));
        DoubleStream statistics = part.statistics().entrySet().stream()
                .flatMapToDouble(statistic -> DoubleStream.concat(
                        DoubleStream.of(STATISTICS.indexOf(statistic.getKey())), numbers(statistic.getValue())));
        DoubleStream mismatched = part.mismatched().stream().mapToDouble(Double::doubleValue);
        return DoubleStream.concat(DoubleStream.concat(header, models), DoubleStream.concat(statistics, mismatched));
    }

    private static DoubleStream numbers(TokenLogProbs values) {
        return DoubleStream.of(values.toArray());
    }

    /** Reads the log-probabilities of the next micro-batch of a message. */
    static PreferenceLogProbs next(DoubleBuffer message, PreferenceBatch batch) {
        TokenShape shape = TokenShape.of(batch.sequences());
        boolean hasReference = message.get() == 1;
        int mismatched = (int) message.get();
        int statistics = (int) message.get();
        TokenLogProbs policy = values(message, shape);
        TokenLogProbs reference = hasReference ? values(message, shape) : TokenLogProbs.ofRows();
        Map<TokenStatistic, TokenLogProbs> ofTokens = new TreeMap<>();
        for (int i = 0; i < statistics; i++) {
            TokenStatistic statistic = STATISTICS.get((int) message.get());
            ofTokens.put(statistic, values(message, shape));
        }
        double[] logRatios = new double[mismatched];
        message.get(logRatios);
        return new PreferenceLogProbs(
                policy,
                reference,
                Labels.of(batch.labels()),
                ofTokens,
                DoubleStream.of(logRatios).boxed().toList());
    }

    private static TokenLogProbs values(DoubleBuffer message, TokenShape shape) {
        return TokenLogProbs.filled(shape, message::get);
    }
}
