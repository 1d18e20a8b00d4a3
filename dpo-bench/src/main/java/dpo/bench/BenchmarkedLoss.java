package dpo.bench;

import dpo.core.loss.Divergence;
import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Reduction;
import dpo.core.loss.batch.AotLoss;
import dpo.core.loss.batch.AotUnpairedLoss;
import dpo.core.loss.batch.ApoZeroUnpairedLoss;
import dpo.core.loss.batch.BcoLoss;
import dpo.core.loss.batch.BetaDpoLoss;
import dpo.core.loss.batch.KtoLoss;
import dpo.core.loss.composed.FDivergenceLoss;
import dpo.core.loss.composed.GroupRobust;
import dpo.core.loss.composed.LengthDesensitized;
import dpo.core.loss.composed.WeightedSum;
import dpo.core.loss.composed.WpoWeighted;
import dpo.core.loss.listwise.LiPoLoss;
import dpo.core.loss.listwise.PlackettLuceLoss;
import dpo.core.loss.listwise.RrhfLoss;
import dpo.core.loss.listwise.SoftmaxDpoLoss;
import dpo.core.loss.pairwise.ApoDownLoss;
import dpo.core.loss.pairwise.ApoZeroLoss;
import dpo.core.loss.pairwise.BcoPairLoss;
import dpo.core.loss.pairwise.CalDpoLoss;
import dpo.core.loss.pairwise.ChiPoLoss;
import dpo.core.loss.pairwise.DiscoPopLoss;
import dpo.core.loss.pairwise.DpopLoss;
import dpo.core.loss.pairwise.ExoPairLoss;
import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.IpoLoss;
import dpo.core.loss.pairwise.NcaPairLoss;
import dpo.core.loss.pairwise.OdpoLoss;
import dpo.core.loss.pairwise.RDpoLoss;
import dpo.core.loss.pairwise.RobustLoss;
import dpo.core.loss.pairwise.RpoLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.loss.pairwise.SigmoidNormLoss;
import dpo.core.loss.pairwise.SppoHardLoss;
import dpo.core.loss.referencefree.AlphaPoLoss;
import dpo.core.loss.referencefree.CpoLoss;
import dpo.core.loss.referencefree.OrpoLoss;
import dpo.core.loss.referencefree.SftLoss;
import dpo.core.loss.referencefree.SimPoLoss;
import dpo.core.loss.referencefree.SlicHfLoss;
import dpo.core.loss.referencefree.UnlikelihoodLoss;
import dpo.core.loss.token.Tdpo1Loss;
import dpo.core.loss.token.Tdpo2Loss;
import java.util.List;

/** The published objectives, with the settings of their papers, and some of their compositions. */
public enum BenchmarkedLoss {
    SIGMOID(new SigmoidLoss(0.1, 0)),
    IPO_SUM(new IpoLoss(0.1, Reduction.SUM)),
    IPO_MEAN(new IpoLoss(0.1, Reduction.MEAN)),
    HINGE(new HingeLoss(0.1)),
    ROBUST(new RobustLoss(0.1, 0.1)),
    EXO_PAIR(new ExoPairLoss(0.1, 1e-3)),
    NCA_PAIR(new NcaPairLoss(0.1)),
    BCO_PAIR(new BcoPairLoss(0.1)),
    SPPO_HARD(new SppoHardLoss(0.1)),
    APO_ZERO(new ApoZeroLoss(0.1)),
    APO_DOWN(new ApoDownLoss(0.1)),
    DISCOPOP(new DiscoPopLoss(0.1, 0.05)),
    SIGMOID_NORM(new SigmoidNormLoss(5, 0)),
    DPOP(new DpopLoss(0.1, 50)),
    CAL_DPO(new CalDpoLoss(0.1)),
    CHI_PO(new ChiPoLoss(0.1, 10)),
    R_DPO(new RDpoLoss(0.1, 0.01)),
    ODPO(new OdpoLoss(0.1, 1, OdpoLoss.Scale.LOG)),
    RPO(new RpoLoss(RpoLoss.Distance.BWD_KL, 0.1, 1)),
    TDPO_1(new Tdpo1Loss(0.1)),
    TDPO_2(new Tdpo2Loss(0.1, 0.5)),
    SIMPO(new SimPoLoss(2, 0.5)),
    CPO(new CpoLoss(0.1, 0, 1)),
    ORPO(new OrpoLoss(0.1)),
    ALPHAPO(new AlphaPoLoss(2, 0.25, 0.5)),
    SLIC_HF(new SlicHfLoss(1, 0.1)),
    UNLIKELIHOOD(new UnlikelihoodLoss(1)),
    SFT(new SftLoss(SftLoss.Average.SUM)),
    AOT(new AotLoss(0.1, 0)),
    AOT_UNPAIRED(new AotUnpairedLoss(0.1, 0)),
    BETA_DPO(new BetaDpoLoss(0.1, 6, BetaDpoLoss.Level.BATCH, 0.9)),
    KTO(new KtoLoss(0.1, 1, 1)),
    APO_ZERO_UNPAIRED(new ApoZeroUnpairedLoss(0.1, 1, 1)),
    BCO(new BcoLoss(0.1)),
    PLACKETT_LUCE(new PlackettLuceLoss(0.1)),
    SOFTMAX_DPO(new SoftmaxDpoLoss(0.1)),
    LIPO(new LiPoLoss(0.1)),
    RRHF(new RrhfLoss(1)),
    FORWARD_KL(new FDivergenceLoss(new SigmoidLoss(0.1, 0), new Divergence.ForwardKl())),
    LD_DPO(new LengthDesensitized(new SigmoidLoss(0.1, 0), 0.5)),
    WPO(new WpoWeighted(new SigmoidLoss(0.1, 0))),
    GROUP_ROBUST(new GroupRobust(new SigmoidLoss(0.1, 0), 0.01)),
    MPO(new WeightedSum(List.of(
            new WeightedSum.Term("sigmoid", 0.8, new SigmoidLoss(0.1, 0)),
            new WeightedSum.Term("bco_pair", 0.2, new BcoPairLoss(0.1)),
            new WeightedSum.Term("sft", 1, new SftLoss(SftLoss.Average.TOKEN_MEAN)))));

    private final PreferenceLoss loss;

    BenchmarkedLoss(PreferenceLoss loss) {
        this.loss = loss;
    }

    /** The objective. */
    PreferenceLoss loss() {
        return loss;
    }
}
