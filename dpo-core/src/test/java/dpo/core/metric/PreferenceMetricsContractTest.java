package dpo.core.metric;

/** The built-in metrics satisfy the laws of all metrics. */
class PreferenceMetricsContractTest implements MetricContract {

    @Override
    public PreferenceMetric metric() {
        return PreferenceMetrics::new;
    }
}
