package dpo.torch;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Low-rank adaptation (LoRA, arXiv:2106.09685): the model is frozen, and beside each targeted projection
 * {@code s B A} is trained, {@code s = alpha / rank}, or {@code alpha / √rank} (rsLoRA, arXiv:2312.03732). It begins with
 * B = 0, as the frozen model, or as an adapter in PEFT's format, which brings its own settings.
 *
 * @param type {@code lora}
 * @param path folder of an adapter in PEFT's format to begin with; then rank, alpha, targets and rslora are its own
 * @param rank width of the bottleneck, at least 1
 * @param alpha numerator of the scale, above 0
 * @param dropout probability in [0, 1) with which an input number of an adapter is left out in training
 * @param targets last parts of the names of the projections, or {@code all-linear}
 * @param rslora whether the scale is divided by √rank in place of rank
 */
public record LoraAdapter(
        @Setting(about = "lora", byDefault = "lora") String type,
        @Setting(about = "adapter in PEFT's format to begin with; it brings rank, alpha, targets and rslora")
                Optional<Path> path,
        @Setting(about = "width of the bottleneck >= 1; 8 where absent") Optional<Integer> rank,
        @Setting(about = "numerator of the scale > 0; twice the rank where absent") Optional<Double> alpha,
        @Setting(about = "share in [0, 1) of inputs left out in training; 0, or that of path, where absent")
                Optional<Double> dropout,
        @Setting(about = "last parts of projections' names, as q_proj, or all-linear; all where absent")
                Optional<List<String>> targets,
        @Setting(about = "scale alpha/sqrt(rank) in place of alpha/rank; false where absent") Optional<Boolean> rslora) {

    /** The target that stands for every projection. */
    static final String ALL = "all-linear";

    private static final int RANK = 8;

    public LoraAdapter {
        targets = targets.map(List::copyOf);
        Requirement.holds(type.equals("lora"), "type", "must be lora", type);
        Requirement.holds(path.isEmpty() || Stream.of(rank, alpha, targets, rslora).noneMatch(Optional::isPresent),
                "path", "must stand without rank, alpha, targets and rslora, which the adapter's folder gives", path.orElse(null),
                "rank", "alpha", "targets", "rslora");
        rank.ifPresent(value -> Requirement.atLeast("rank", value, 1));
        alpha.ifPresent(value -> Requirement.positive("alpha", value));
        dropout.ifPresent(LoraAdapter::requireDropout);
        shape(rank, alpha, dropout, rslora).requireScale("alpha");
        Requirement.holds(targets.filter(List::isEmpty).isEmpty(), "targets", "must name at least one projection", "none");
    }

    /** The adapter in a folder, as it is. */
    public static LoraAdapter at(Path folder) {
        return new LoraAdapter("lora", Optional.of(folder), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty());
    }

    /** An adapter of every projection with nothing given. */
    static LoraAdapter ofDefaults() {
        return new LoraAdapter("lora", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty());
    }

    /** Shape and scale of an adapter that begins with B = 0. */
    Shape shape() {
        return shape(rank, alpha, dropout, rslora);
    }

    private static Shape shape(
            Optional<Integer> rank, Optional<Double> alpha, Optional<Double> dropout, Optional<Boolean> rslora) {
        int resolved = rank.orElse(RANK);
        return new Shape(resolved, alpha.orElse(2.0 * resolved), dropout.orElse(0.0), rslora.orElse(false));
    }

    /** Whether a target is a projection's name, its last parts, or all projections. */
    static boolean isTarget(String target, String name) {
        return target.equals(ALL) || isNamed(target, name);
    }

    /** Whether these are a projection's name or its last parts. */
    static boolean isNamed(String parts, String name) {
        return name.equals(parts) || name.endsWith("." + parts);
    }

    /** The targets of an adapter that begins with B = 0. */
    List<String> resolvedTargets() {
        return targets.orElse(List.of(ALL));
    }

    /**
     * What is the same for every projection of an adapter.
     *
     * @param rank width of the bottleneck
     * @param alpha numerator of the scale
     * @param dropout of the inputs
     * @param rslora whether the scale is divided by √rank
     */
    record Shape(int rank, double alpha, double dropout, boolean rslora) {

        Shape {
            Requirement.atLeast("r", rank, 1);
            Requirement.positive("lora_alpha", alpha);
            requireDropout(dropout);
        }

        /** s. */
        double scale() {
            return alpha / (rslora ? Math.sqrt(rank) : rank);
        }

        /** Requires s to be a number above 0 in float32; {@code key} is what it is given by. */
        Shape requireScale(String key) {
            Requirement.holds((float) scale() > 0 && (float) scale() < Float.POSITIVE_INFINITY,
                    key, "must give a scale within float32", "a scale of " + scale(), "rank");
            return this;
        }

        Shape withDropout(double other) {
            return new Shape(rank, alpha, other, rslora);
        }
    }

    private static void requireDropout(double value) {
        Requirement.within("dropout", value, 0, 1);
    }
}
