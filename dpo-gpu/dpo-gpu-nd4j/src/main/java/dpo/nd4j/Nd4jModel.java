package dpo.nd4j;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Settings of the {@code nd4j} backend's model: a saved Deeplearning4j network, a new one, or that of a controlled world.
 *
 * @param path a zip of Deeplearning4j's ModelSerializer, or a folder with one as a run saves it
 * @param fresh a network with random weights
 * @param world a controlled world with a small network that is pre-trained when it is opened
 * @param dtype of parameters and products; log-probabilities are computed in float64 in any case
 * @param maxLength longest sequence of the network at path, which does not say it; 1024, or as it was saved, if absent
 */
public record Nd4jModel(
        @Setting(about = "zip of Deeplearning4j's ModelSerializer, or a folder with network.zip")
        Optional<Path> path,

        @Setting(about = "instead of path: a network with random weights")
        Optional<FreshNetwork> fresh,

        @Setting(about = "instead of path: a controlled world whose policy is a small pre-trained network")
        Optional<WorldNetwork> world,

        @Setting(about = "dtype of parameters and products: float32 or float64", byDefault = "float32")
        Precision dtype,

        @Setting(about = "with path: longest sequence in tokens >= 2; 1024, or as saved, if absent")
        Optional<Integer> maxLength) {

    public Nd4jModel {
        long given = Stream.of(path, fresh, world).filter(Optional::isPresent).count();
        Requirement.holds(
                given == 1, "path", "must be given, or fresh, or world, and only one of them", given, "fresh", "world");
        maxLength.ifPresent(length -> Requirement.atLeast("max_length", length, 2));
        Requirement.holds(
                maxLength.isEmpty() || path.isPresent(),
                "max_length",
                "must be absent without path; fresh has its own",
                maxLength.orElse(0),
                "path",
                "fresh");
    }

    /** The network at a path. */
    public static Nd4jModel at(Path path, Precision dtype) {
        return new Nd4jModel(Optional.of(path), Optional.empty(), Optional.empty(), dtype, Optional.empty());
    }

    /** The network of a controlled world. */
    public static Nd4jModel of(WorldNetwork world, Precision dtype) {
        return new Nd4jModel(Optional.empty(), Optional.empty(), Optional.of(world), dtype, Optional.empty());
    }

    /** A new network. */
    public static Nd4jModel of(FreshNetwork fresh, Precision dtype) {
        return new Nd4jModel(Optional.empty(), Optional.of(fresh), Optional.empty(), dtype, Optional.empty());
    }
}
