package dpo.lab.labels;

import dpo.core.loss.Divergence;
import dpo.core.loss.MarginLoss;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.composed.FDivergenceLoss;
import dpo.core.loss.listwise.PlackettLuceLoss;
import dpo.core.loss.listwise.SoftmaxDpoLoss;
import dpo.core.loss.pairwise.ChiPoLoss;
import dpo.core.loss.pairwise.ExoPairLoss;
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.loss.pairwise.RDpoLoss;
import dpo.core.loss.pairwise.RobustLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.pairwise.SigmoidNormLoss;
import dpo.core.loss.referencefree.AlphaPoLoss;
import dpo.core.loss.referencefree.CpoLoss;
import dpo.core.loss.referencefree.SimPoLoss;
import dpo.core.loss.referencefree.SlicHfLoss;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The objectives whose population minimiser on one pair is known in closed form, for answers of equal length without
 * ratings. Left out are objectives of separate scores, where a normalised policy cannot give both completions their
 * best score, and objectives that need ratings, several pairs or more than log-probabilities of completions.
 */
final class Links {

    /** γ of SimPO and AlphaPO, α of AlphaPO and of the α-divergence, δ of SLiC-HF, R of χPO. */
    private static final double GAMMA = 0.5;

    private static final double ALPHA = 0.25;
    private static final double DELTA = 1.5;
    private static final double GREATEST_REWARD = 10;

    private static final Link.Score LOG_RATIO = (logPolicy, logReference) -> logPolicy - logReference;
    private static final Link.Score LOG_PROB = (logPolicy, logReference) -> logPolicy;

    private Links() {}

    /**
     * All of them.
     *
     * @param beta β of each objective that has one
     * @param epsilon ε, label smoothing of cDPO, robust DPO and EXO
     */
    static List<Link> all(double beta, double epsilon) {
        return List.of(
                ofLogRatios("sigmoid", "log(P/(1−P))", new SigmoidLoss(beta, 0), Links::logit),
                cdpo(beta, epsilon),
                robust(beta, epsilon),
                ofLogRatios("hinge", "1 for P > ½, −1 below", new HingeLoss(beta), p -> p > 0.5 ? 1 : -1),
                ofLogRatios("ipo", "P − ½", new IpoLoss(beta, Reduction.SUM), p -> p - 0.5),
                ofLogRatios(
                        "exo_pair",
                        "(2P−1) log((1−ε)/ε)",
                        new ExoPairLoss(beta, epsilon),
                        p -> (2 * p - 1) * logit(1 - epsilon)),
                ofLogRatios("sigmoid_norm", "log(P/(1−P))", new SigmoidNormLoss(beta, 0), Links::logit),
                ofLogRatios("r_dpo", "log(P/(1−P)) at equal lengths", new RDpoLoss(beta, 1), Links::logit),
                ofLogRatios("plackett_luce", "log(P/(1−P))", new PlackettLuceLoss(beta), Links::logit),
                ofLogRatios("softmax_dpo", "log(P/(1−P))", new SoftmaxDpoLoss(beta), Links::logit),
                new Link(
                        "chi_po",
                        "log(P/(1−P)) up to 2R = 20",
                        new ChiPoLoss(beta, GREATEST_REWARD),
                        (logPolicy, logReference) -> Math.exp(logPolicy - logReference) + logPolicy - logReference,
                        p -> Math.abs(logit(p)) < 2 * GREATEST_REWARD ? logit(p) : Double.NaN),
                divergence("sigmoid_forward_kl", new Divergence.ForwardKl(), beta),
                divergence("sigmoid_js", new Divergence.JensenShannon(), beta),
                divergence("sigmoid_alpha", new Divergence.Alpha(ALPHA), beta),
                new Link("cpo", "log(P/(1−P)) without the NLL", new CpoLoss(beta, 0, 0), LOG_PROB, Links::logit),
                new Link("simpo", withTargetMargin(), new SimPoLoss(beta, GAMMA), LOG_PROB, Links::withTarget),
                new Link(
                        "alphapo",
                        withTargetMargin(),
                        new AlphaPoLoss(beta, ALPHA, GAMMA),
                        (logPolicy, logReference) -> -Math.expm1(-ALPHA * logPolicy) / ALPHA,
                        Links::withTarget),
                new Link(
                        "slic_hf",
                        "βδ for P > ½, −βδ below, without the NLL",
                        new SlicHfLoss(DELTA, 0),
                        LOG_PROB,
                        p -> beta * (p > 0.5 ? DELTA : -DELTA)));
    }

    /** Conservative DPO: labels that follow the smoothed probability. */
    static Link cdpo(double beta, double epsilon) {
        return ofLogRatios(
                "cdpo",
                "log(P′/(1−P′)), P′ = (1−ε)P + ε(1−P)",
                new SigmoidLoss(beta, epsilon),
                p -> logit((1 - epsilon) * p + epsilon * (1 - p)));
    }

    /** Robust DPO: labels before they were flipped; no minimum outside of ε &lt; P &lt; 1−ε. */
    static Link robust(double beta, double epsilon) {
        return ofLogRatios(
                "robust",
                "log((P−ε)/(1−ε−P)); none unless ε < P < 1−ε",
                new RobustLoss(beta, epsilon),
                p -> Math.log((p - epsilon) / (1 - epsilon - p)));
    }

    private static Link ofLogRatios(String name, String formula, PreferenceLoss loss, DoubleUnaryOperator minimiser) {
        return new Link(name, formula, loss, LOG_RATIO, minimiser);
    }

    private static Link divergence(String name, Divergence divergence, double beta) {
        MarginLoss loss = new FDivergenceLoss(new SigmoidLoss(beta, 0), divergence);
        Link.Score score = (logPolicy, logReference) -> divergence.score(logPolicy - logReference);
        return new Link(name, "log(P/(1−P)) of β f′(π/π_ref)", loss, score, Links::logit);
    }

    static double logit(double p) {
        return Math.log(p) - Math.log1p(-p);
    }

    private static String withTargetMargin() {
        return "root of σ(γ+R)/σ(γ−R) = P/(1−P)";
    }

    /** The root R of {@code σ(γ+R)/σ(γ−R) = P/(1−P)}, quadratic in e^R. */
    private static double withTarget(double p) {
        double odds = p / (1 - p);
        double c = Math.exp(-GAMMA);
        return Math.log((odds - 1 + Math.sqrt((odds - 1) * (odds - 1) + 4 * odds * c * c)) / (2 * c));
    }
}
