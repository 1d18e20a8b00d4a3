package dpo.report.figure;

import dpo.report.settings.AxisSettings;
import dpo.report.settings.AxisSettings.AxisScale;
import dpo.report.settings.ReportSettings;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** The axes of metrics and settings: as the settings of a report give them, or else as the values suggest. */
record Axes(ReportSettings settings) {

    /** The axis of a metric or a setting. */
    Axis over(String name, String label, Scale byDefault, DoubleStream values) {
        Scale scale = scale(name).orElse(byDefault);
        Optional<List<Double>> limits = settings.axis(name).flatMap(AxisSettings::limits);
        if (limits.isPresent()) {
            double low = limits.get().get(0);
            boolean hasLogarithms = low > 0 || scale != Scale.LOGARITHMIC;
            return Axis.of(
                    label,
                    hasLogarithms ? scale : Scale.LINEAR,
                    low,
                    limits.get().get(1));
        }
        return Axis.over(label, scale, scale == Scale.LOGARITHMIC ? values.filter(value -> value > 0) : values);
    }

    /** The given scale of a metric or a setting. */
    Optional<Scale> scale(String name) {
        return settings.axis(name)
                .flatMap(AxisSettings::scale)
                .map(scale -> scale == AxisScale.LINEAR ? Scale.LINEAR : Scale.LOGARITHMIC);
    }

    /** Says which of these axes have given ends. */
    String limitsOf(List<String> names) {
        String limited = names.stream()
                .filter(name ->
                        settings.axis(name).flatMap(AxisSettings::limits).isPresent())
                .map(name -> settings.names().of(name).orElse(name))
                .collect(Collectors.joining(", "));
        return limited.isEmpty() ? "" : " What lies beyond the given limits of an axis is not shown: " + limited + ".";
    }
}
