package dpo.core.loss.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.logprob.PreferenceExamples;
import dpo.core.logprob.PreferenceLogProbs;
import dpo.core.logprob.TokenLogProbs;
import dpo.core.loss.PairEvaluation;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.batch.AotLoss;
import dpo.core.loss.batch.AotUnpairedLoss;
import dpo.core.loss.composed.WeightedSum;
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.referencefree.SftLoss;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Losses and token gradients of TRL 1.16.0 on the same log-probabilities, in double precision. */
class GoldenLossesTest {

    private static final JsonNode GOLDEN = read();
    private static final Set<String> OURS = Set.of("sigmoid", "hinge", "ipo", "sft", "aot", "aot_unpaired");
    /** Options of TRL that change these losses into others. */
    private static final Set<String> OTHER_OBJECTIVES = Set.of("f_divergence_type", "ld_alpha", "use_weighting");

    private final PreferenceLogProbs logProbs = PreferenceExamples.ofPairs(
            rows("policy", "chosen"), rows("policy", "rejected"),
            rows("reference", "chosen"), rows("reference", "rejected"));

    @Test
    void the_cases_include_every_configuration_of_these_objectives() {
        assertThat(cases()).hasSize(18);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void value_and_gradient_equal_those_of_trl(String name, JsonNode golden) {
        PairEvaluation evaluation = PairEvaluation.of(objective(golden.get("config")), logProbs);
        double loss = golden.get("loss").doubleValue();
        assertThat(evaluation.value()).isCloseTo(loss, within(1e-9 * Math.abs(loss)));
        assertRelativelyClose(evaluation.chosen(), flat(golden.get("grad_chosen")));
        assertRelativelyClose(evaluation.rejected(), flat(golden.get("grad_rejected")));
    }

    static Stream<Arguments> cases() {
        return GOLDEN.get("cases")
                .valueStream()
                .filter(golden -> golden.get("dtype").stringValue().equals("torch.float64"))
                .filter(golden -> names(golden.get("config")).stream().allMatch(OURS::contains))
                .filter(golden -> OTHER_OBJECTIVES.stream().noneMatch(golden.get("config")::has))
                .map(golden -> Arguments.of(golden.get("config").toString(), golden));
    }

    private static PreferenceLoss objective(JsonNode config) {
        List<WeightedSum.Term> terms = new ArrayList<>();
        List<String> names = names(config);
        for (int i = 0; i < names.size(); i++) {
            double weight = config.has("loss_weights")
                    ? config.get("loss_weights").get(i).doubleValue()
                    : 1;
            terms.add(new WeightedSum.Term(names.get(i), weight, term(names.get(i), config)));
        }
        return terms.size() == 1 ? terms.get(0).loss() : new WeightedSum(terms);
    }

    /** TRL drops label_smoothing for sigmoid, so the golden numbers are those of ε = 0. */
    private static PreferenceLoss term(String name, JsonNode config) {
        double beta = config.get("beta").doubleValue();
        double labelSmoothing = config.path("label_smoothing").asDouble(0);
        return switch (name) {
            case "sigmoid" -> new SigmoidLoss(beta, 0);
            case "hinge" -> new HingeLoss(beta);
            case "ipo" -> new IpoLoss(beta, Reduction.MEAN);
            case "aot" -> new AotLoss(beta, labelSmoothing);
            case "aot_unpaired" -> new AotUnpairedLoss(beta, labelSmoothing);
            case "sft" -> new SftLoss(SftLoss.Average.TOKEN_MEAN);
            default -> throw new IllegalArgumentException("no such objective here: " + name);
        };
    }

    private static void assertRelativelyClose(double[] actual, double[] golden) {
        assertThat(actual).hasSameSizeAs(golden);
        for (int i = 0; i < golden.length; i++) {
            assertThat(actual[i]).isCloseTo(golden[i], within(1e-9 * Math.abs(golden[i])));
        }
    }

    private static List<String> names(JsonNode config) {
        return config.get("loss_type").valueStream().map(JsonNode::stringValue).toList();
    }

    private static TokenLogProbs rows(String model, String side) {
        return TokenLogProbs.ofRows(GOLDEN.get(model)
                .get(side)
                .valueStream()
                .map(row -> row.valueStream().mapToDouble(JsonNode::doubleValue).toArray())
                .toArray(double[][]::new));
    }

    private static double[] flat(JsonNode rows) {
        return rows.valueStream()
                .flatMap(JsonNode::valueStream)
                .mapToDouble(JsonNode::doubleValue)
                .toArray();
    }

    private static JsonNode read() {
        try (InputStream in = PreferenceLoss.class.getResourceAsStream("golden-losses.json")) {
            return JsonMapper.shared().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
