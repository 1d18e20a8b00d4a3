package dpo.core.loss.published;

import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.loss.composed.FDivergenceLoss;
import dpo.core.loss.composed.GroupRobust;
import dpo.core.loss.composed.GroupWeighted;
import dpo.core.loss.composed.LengthDesensitized;
import dpo.core.loss.composed.TurnWeighted;
import dpo.core.loss.composed.WpoWeighted;
import dpo.core.loss.free.AlphaPoLoss;
import dpo.core.loss.free.CpoLoss;
import dpo.core.loss.free.OrpoLoss;
import dpo.core.loss.free.SftLoss;
import dpo.core.loss.free.SimPoLoss;
import dpo.core.loss.free.SlicHfLoss;
import dpo.core.loss.list.LiPoLoss;
import dpo.core.loss.list.PlackettLuceLoss;
import dpo.core.loss.list.RrhfLoss;
import dpo.core.loss.list.SoftmaxDpoLoss;
import dpo.core.loss.reference.ApoDownLoss;
import dpo.core.loss.reference.ApoZeroLoss;
import dpo.core.loss.reference.BcoPairLoss;
import dpo.core.loss.reference.CalDpoLoss;
import dpo.core.loss.reference.ChiPoLoss;
import dpo.core.loss.reference.DiscoPopLoss;
import dpo.core.loss.reference.DpopLoss;
import dpo.core.loss.reference.ExoPairLoss;
import dpo.core.loss.reference.HingeLoss;
import dpo.core.loss.reference.IpoLoss;
import dpo.core.loss.reference.NcaPairLoss;
import dpo.core.loss.reference.OdpoLoss;
import dpo.core.loss.reference.RDpoLoss;
import dpo.core.loss.reference.RobustLoss;
import dpo.core.loss.reference.RpoLoss;
import dpo.core.loss.reference.SigmoidLoss;
import dpo.core.loss.reference.SigmoidNormLoss;
import dpo.core.loss.reference.SppoHardLoss;
import dpo.core.loss.step.AotLoss;
import dpo.core.loss.step.AotUnpairedLoss;
import dpo.core.loss.step.ApoZeroUnpairedLoss;
import dpo.core.loss.step.BcoLoss;
import dpo.core.loss.step.BetaDpoLoss;
import dpo.core.loss.step.KtoLoss;
import dpo.core.loss.token.Tdpo1Loss;
import dpo.core.loss.token.Tdpo2Loss;
import java.util.List;

/** The published objectives of this library, by the names that configurations use. */
public final class Objectives {

    private static final List<Class<? extends PreferenceLoss>> PUBLISHED =
            List.of(
                    SigmoidLoss.class, IpoLoss.class, HingeLoss.class, SftLoss.class,
                    // Of the margin of log-ratios alone.
                    RobustLoss.class, ExoPairLoss.class, DiscoPopLoss.class, SigmoidNormLoss.class,
                    // Of both log-ratios, lengths or ratings.
                    NcaPairLoss.class, BcoPairLoss.class, SppoHardLoss.class, ApoZeroLoss.class, ApoDownLoss.class,
                    DpopLoss.class, CalDpoLoss.class, ChiPoLoss.class, RDpoLoss.class, OdpoLoss.class, RpoLoss.class,
                    // Of the divergence from the reference at each token.
                    Tdpo1Loss.class, Tdpo2Loss.class,
                    // Without a reference.
                    SimPoLoss.class, AlphaPoLoss.class, CpoLoss.class, OrpoLoss.class, SlicHfLoss.class,
                    // Of all pairs of a step.
                    AotLoss.class, AotUnpairedLoss.class, BetaDpoLoss.class,
                    // Of single completions, desirable or not.
                    KtoLoss.class, ApoZeroUnpairedLoss.class, BcoLoss.class,
                    // Of ranked lists.
                    PlackettLuceLoss.class, SoftmaxDpoLoss.class, LiPoLoss.class, RrhfLoss.class);

    private static final List<Class<? extends PreferenceLoss>> MODIFIERS = List.of(
            FDivergenceLoss.class,
            LengthDesensitized.class,
            WpoWeighted.class,
            TurnWeighted.class,
            GroupWeighted.class,
            GroupRobust.class);

    private Objectives() {}

    /** The record class of every published objective; each is annotated with {@link Published}. */
    public static List<Class<? extends PreferenceLoss>> published() {
        return PUBLISHED;
    }

    /** What makes another objective of an objective; each is annotated with the configuration key that asks for it. */
    public static List<Class<? extends PreferenceLoss>> modifiers() {
        return MODIFIERS;
    }
}
