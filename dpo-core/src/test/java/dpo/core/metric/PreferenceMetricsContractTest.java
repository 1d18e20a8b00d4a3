package dpo.core.metric;

/** The built-in metrics keep the laws of all metrics. */
class PreferenceMetricsContractTest implements MetricContract {

    @Override
    public PreferenceMetric metric() {
        return PreferenceMetrics::new;
    }
}
