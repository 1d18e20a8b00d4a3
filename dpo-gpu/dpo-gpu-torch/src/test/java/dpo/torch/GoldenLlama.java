package dpo.torch;

import dpo.core.sequence.Preference;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** The {@link Golden} Llama checkpoint of the test resources. */
public final class GoldenLlama {

    private static final Golden GOLDEN = Golden.read(resource("/llama"), resource("/llama-golden.json"));

    private GoldenLlama() {}

    static Golden golden() {
        return GOLDEN;
    }

    static Path folder() {
        return GOLDEN.folder();
    }

    /** An adapter as PEFT 0.21.2 initializes it, of query, value, gate and down projections. */
    static Path adapter() {
        return resource("/lora-adapter-initial");
    }

    static List<Preference> pairs() {
        return GOLDEN.pairs();
    }

    static double[][] tokenLogProbs(String side) {
        return GOLDEN.tokenLogProbs(side);
    }

    private static Path resource(String name) {
        try {
            return Path.of(
                    Objects.requireNonNull(GoldenLlama.class.getResource(name)).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
