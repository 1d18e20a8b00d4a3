package dpo.report.evaluation;

import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.loss.Need;
import dpo.core.loss.PreferenceLoss;
import dpo.core.metric.MetricSet;
import dpo.core.metric.PreferenceMetric;
import dpo.report.evaluation.Estimate.Kind;
import dpo.report.evaluation.Items.Item;
import dpo.statistics.Clustered;
import dpo.statistics.Interval;
import dpo.statistics.Proportions;
import dpo.train.ScoredSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Metrics with intervals of one set, or of one preference source in it, under one objective.
 *
 * <p>A mean R = Σ w_i m_i / Σ w_i over n preferences, where w_i is the number of pairs, completions or tokens of
 * preference i, has the interval of the mean of {@code R + (w_i m_i − R w_i) n / Σ w_i}, clustered by prompt (the delta
 * method; for w_i = 1 these are the m_i). An accuracy over pairs that all have different prompts has Wilson's interval.
 */
final class Measured {

    /** {@link Items#ACCURACY} of the pairs whose chosen completion has more tokens. */
    static final String LONGER = "rewards/accuracies_chosen_longer";

    /** {@link Items#ACCURACY} of the pairs whose chosen completion has fewer tokens. */
    static final String SHORTER = "rewards/accuracies_chosen_shorter";

    /** The mean of {@link #LONGER} and {@link #SHORTER}: ½ for any policy that only prefers long or short ones. */
    static final String BALANCED = "rewards/accuracies_length_balanced";

    /** Metrics in [0, 1], to which their intervals are cut. */
    private static final Set<String> SHARES =
            Set.of(Items.ACCURACY, "rewards/ties", "rewards/brier", "chosen_log_prob_fell");

    private final List<Item> items;

    private Measured(List<Item> items) {
        this.items = items;
    }

    /**
     * The metrics of a whole set, in the order of their names in the files of a run, then of each of its groups if
     * there are several.
     *
     * @return by group, "" for the whole set
     */
    static Map<String, Map<String, Estimate>> of(
            ScoredSet scored, PreferenceLoss loss, List<PreferenceMetric> custom, Map<String, Double> carried) {
        List<Item> all = Items.of(scored, loss, carried);
        Map<String, Map<String, Estimate>> byGroup = new LinkedHashMap<>();
        byGroup.put("", new Measured(all).estimates(scored.metrics(loss, custom, carried)));
        Map<String, List<Item>> groups = new TreeMap<>();
        all.forEach(item ->
                groups.computeIfAbsent(item.group(), name -> new ArrayList<>()).add(item));
        if (groups.size() > 1) {
            groups.forEach((group, ofGroup) ->
                    byGroup.put(group, new Measured(ofGroup).estimates(values(ofGroup, loss, custom))));
        }
        return byGroup;
    }

    /** The metrics of some preferences of a set; without a loss if the objective is not a sum over preferences. */
    private static Map<String, Double> values(List<Item> items, PreferenceLoss loss, List<PreferenceMetric> custom) {
        MetricSet metrics = new MetricSet(loss, custom);
        metrics.add(PreferenceLogProbs.joined(items.stream().map(Item::logProbs).toList()));
        Map<String, Double> values = new LinkedHashMap<>();
        if (!loss.needs().contains(Need.WHOLE_STEP)) {
            values.put(Items.LOSS, mean(items, Items.LOSS));
        }
        values.putAll(metrics.values());
        return values;
    }

    private static double mean(List<Item> items, String metric) {
        double sum = 0;
        double weights = 0;
        for (Item item : items) {
            int weight = item.counts().of(metric);
            sum += weight == 0 ? 0 : weight * item.metrics().getOrDefault(metric, Double.NaN);
            weights += weight;
        }
        return sum / weights;
    }

    private Map<String, Estimate> estimates(Map<String, Double> values) {
        Map<String, Estimate> estimates = new LinkedHashMap<>();
        values.forEach((metric, value) -> {
            // Groups are slices of their own.
            if (!metric.startsWith("groups/")) {
                estimates.put(metric, estimate(metric, value, items));
            }
            if (metric.equals(Items.ACCURACY)) {
                byLength(estimates);
            }
        });
        return estimates;
    }

    private static Estimate estimate(String metric, double value, List<Item> of) {
        List<Item> counted = of.stream()
                .filter(item -> item.counts().of(metric) > 0 && item.metrics().containsKey(metric))
                .toList();
        long n = counted.stream().mapToLong(item -> item.counts().of(metric)).sum();
        int prompts = prompts(counted.isEmpty() ? of : counted);
        if (counted.isEmpty() || !Double.isFinite(value)) {
            return Estimate.exact(value, n == 0 ? of.size() : n, prompts);
        }
        if (metric.equals(Items.ACCURACY) && prompts == n) {
            Interval wilson = Proportions.wilson(value * n, (int) n);
            return new Estimate(
                    new Interval(value, wilson.low(), wilson.high(), prompts), Optional.of(Kind.WILSON), n, prompts);
        }
        double[] linear = new double[counted.size()];
        for (int i = 0; i < linear.length; i++) {
            Item item = counted.get(i);
            double weight = item.counts().of(metric);
            linear[i] = value + weight * (item.metrics().getOrDefault(metric, Double.NaN) - value) * linear.length / n;
        }
        return clustered(metric, value, linear, counted, n);
    }

    private static Estimate clustered(String metric, double value, double[] linear, List<Item> of, long n) {
        Interval interval =
                Clustered.mean(linear, of.stream().map(Item::prompt).toList()).interval();
        int prompts = interval.n();
        if (!interval.isKnown()) {
            return Estimate.exact(value, n, prompts);
        }
        boolean isShare = SHARES.contains(metric);
        double low = isShare ? Math.max(0, interval.low()) : interval.low();
        double high = isShare ? Math.min(1, interval.high()) : interval.high();
        return new Estimate(new Interval(value, low, high, prompts), Optional.of(Kind.BY_PROMPT), n, prompts);
    }

    private void byLength(Map<String, Estimate> estimates) {
        List<Item> longer = pairs(item -> item.longer() > 0);
        List<Item> shorter = pairs(item -> item.longer() < 0);
        double ofLonger = mean(longer, Items.ACCURACY);
        double ofShorter = mean(shorter, Items.ACCURACY);
        if (!longer.isEmpty()) {
            estimates.put(LONGER, estimate(Items.ACCURACY, ofLonger, longer));
        }
        if (!shorter.isEmpty()) {
            estimates.put(SHORTER, estimate(Items.ACCURACY, ofShorter, shorter));
        }
        if (!longer.isEmpty() && !shorter.isEmpty()) {
            putBalanced(estimates, longer, ofLonger, shorter, ofShorter);
        }
    }

    private void putBalanced(
            Map<String, Estimate> estimates, List<Item> longer, double ofLonger, List<Item> shorter, double ofShorter) {
        List<Item> both = pairs(item -> item.longer() != 0);
        double balanced = (ofLonger + ofShorter) / 2;
        double[] linear = new double[both.size()];
        for (int i = 0; i < linear.length; i++) {
            Item item = both.get(i);
            boolean isLonger = item.longer() > 0;
            double off = item.metrics().getOrDefault(Items.ACCURACY, Double.NaN) - (isLonger ? ofLonger : ofShorter);
            linear[i] = balanced + off * linear.length / (2.0 * (isLonger ? longer : shorter).size());
        }
        estimates.put(
                BALANCED,
                Double.isFinite(balanced)
                        ? clustered(Items.ACCURACY, balanced, linear, both, both.size())
                        : Estimate.exact(balanced, both.size(), prompts(both)));
    }

    private List<Item> pairs(Predicate<Item> which) {
        return items.stream().filter(which).toList();
    }

    private static int prompts(List<Item> of) {
        return (int) of.stream().map(Item::prompt).distinct().count();
    }
}
