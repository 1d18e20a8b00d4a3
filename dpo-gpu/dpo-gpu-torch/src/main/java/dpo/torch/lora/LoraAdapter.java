package dpo.torch.lora;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Settings of low-rank adaptation (LoRA, arXiv:2106.09685): the model is frozen, and the update {@code s B A} of each
 * target projection is trained, {@code s = alpha / rank}, or {@code alpha / √rank} (rsLoRA, arXiv:2312.03732). Training
 * starts with B = 0, that is with the frozen model, or with an adapter in PEFT's format, which has its own settings.
 *
 * @param type {@code lora}
 * @param path folder of an adapter in PEFT's format to start from; it then defines rank, alpha, targets and rslora
 * @param rank r, at least 1
 * @param alpha numerator of the scale, above 0
 * @param dropout probability in [0, 1) of dropping an input number of an adapter in training
 * @param targets last parts of the names of the projections, or {@code all-linear}
 * @param rslora whether the scale is divided by √rank instead of rank
 */
public record LoraAdapter(
        @Setting(about = "lora", byDefault = "lora") String type,

        @Setting(
                about = "folder of an adapter in PEFT's format to start from; it defines rank, alpha, targets"
                        + " and rslora")
        Optional<Path> path,

        @Setting(about = "rank >= 1; 8 if absent") Optional<Integer> rank,

        @Setting(about = "numerator of the scale > 0; twice the rank if absent")
        Optional<Double> alpha,

        @Setting(about = "dropout in [0, 1) of the adapter's inputs; 0, or that of path, if absent")
        Optional<Double> dropout,

        @Setting(about = "last parts of projections' names, such as q_proj, or all-linear; all if absent")
        Optional<List<String>> targets,

        @Setting(about = "scale alpha/sqrt(rank) instead of alpha/rank; false if absent")
        Optional<Boolean> rslora) {

    /** The target that stands for every projection. */
    public static final String ALL = "all-linear";

    private static final int RANK = 8;

    public LoraAdapter {
        targets = targets.map(List::copyOf);
        Requirement.holds(type.equals("lora"), "type", "must be lora", type);
        Requirement.holds(
                path.isEmpty() || Stream.of(rank, alpha, targets, rslora).noneMatch(Optional::isPresent),
                "path",
                "must be given without rank, alpha, targets and rslora, which the adapter's folder gives",
                path.map(Path::toString).orElse(""),
                "rank",
                "alpha",
                "targets",
                "rslora");
        rank.ifPresent(value -> Requirement.atLeast("rank", value, 1));
        alpha.ifPresent(value -> Requirement.positive("alpha", value));
        dropout.ifPresent(LoraAdapter::requireDropout);
        shape(rank, alpha, dropout, rslora).requireScale("alpha");
        Requirement.holds(
                targets.filter(List::isEmpty).isEmpty(), "targets", "must name at least one projection", "none");
    }

    /** The adapter in a folder, with its own settings. */
    public static LoraAdapter at(Path folder) {
        return new LoraAdapter(
                "lora",
                Optional.of(folder),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** A new adapter of every projection, with default settings. */
    public static LoraAdapter ofDefaults() {
        return ofRank(Optional.empty());
    }

    /** A new adapter of every projection. */
    public static LoraAdapter ofRank(int rank) {
        return ofRank(Optional.of(rank));
    }

    private static LoraAdapter ofRank(Optional<Integer> rank) {
        return new LoraAdapter(
                "lora", Optional.empty(), rank, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Shape and scale of a new adapter. */
    public Shape shape() {
        return shape(rank, alpha, dropout, rslora);
    }

    private static Shape shape(
            Optional<Integer> rank, Optional<Double> alpha, Optional<Double> dropout, Optional<Boolean> rslora) {
        int resolved = rank.orElse(RANK);
        return new Shape(resolved, alpha.orElse(2.0 * resolved), dropout.orElse(0.0), rslora.orElse(false));
    }

    /** Whether a target includes the projection of a name. */
    static boolean isTarget(String target, String name) {
        return target.equals(ALL) || isNamed(target, name);
    }

    /** Whether the parts are a projection's name or its last parts. */
    static boolean isNamed(String parts, String name) {
        return name.equals(parts) || name.endsWith("." + parts);
    }

    /** The targets of a new adapter. */
    List<String> resolvedTargets() {
        return targets.orElse(List.of(ALL));
    }

    /**
     * Rank, scale and dropout, which all projections of an adapter share.
     *
     * @param rank r
     * @param alpha numerator of the scale
     * @param dropout of the inputs
     * @param rslora whether the scale is divided by √rank
     */
    public record Shape(int rank, double alpha, double dropout, boolean rslora) {

        public Shape {
            Requirement.atLeast("r", rank, 1);
            Requirement.positive("lora_alpha", alpha);
            requireDropout(dropout);
        }

        /** s. */
        public double scale() {
            return alpha / (rslora ? Math.sqrt(rank) : rank);
        }

        /** Requires s to be a positive float32 number; {@code key} is the setting that gives it. */
        Shape requireScale(String key) {
            Requirement.holds(
                    (float) scale() > 0 && (float) scale() < Float.POSITIVE_INFINITY,
                    key,
                    "must give a scale within float32",
                    "a scale of " + scale(),
                    "rank");
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
