package dpo.core.loss.catalog;

import dpo.core.loss.PreferenceLoss;
import dpo.core.loss.Published;
import dpo.core.loss.batch.AotLoss;
import dpo.core.loss.batch.AotUnpairedLoss;
import dpo.core.loss.batch.ApoZeroUnpairedLoss;
import dpo.core.loss.batch.BcoLoss;
import dpo.core.loss.batch.BetaDpoLoss;
import dpo.core.loss.batch.KtoLoss;
import dpo.core.loss.composed.FDivergenceLoss;
import dpo.core.loss.composed.GroupRobust;
import dpo.core.loss.composed.GroupWeighted;
import dpo.core.loss.composed.LengthDesensitized;
import dpo.core.loss.composed.TurnWeighted;
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

/** The published objectives of this library, by the names that configurations use. */
public final class Objectives {

    private static final List<Class<? extends PreferenceLoss>> PUBLISHED = List.of(
            SigmoidLoss.class,
            IpoLoss.class,
            HingeLoss.class,
            SftLoss.class,
            // Of the margin of log-ratios alone.
            RobustLoss.class,
            ExoPairLoss.class,
            DiscoPopLoss.class,
            SigmoidNormLoss.class,
            // Of both log-ratios, lengths or ratings.
            NcaPairLoss.class,
            BcoPairLoss.class,
            SppoHardLoss.class,
            ApoZeroLoss.class,
            ApoDownLoss.class,
            DpopLoss.class,
            CalDpoLoss.class,
            ChiPoLoss.class,
            RDpoLoss.class,
            OdpoLoss.class,
            RpoLoss.class,
            // Of the divergence from the reference at each token.
            Tdpo1Loss.class,
            Tdpo2Loss.class,
            // Without a reference.
            SimPoLoss.class,
            AlphaPoLoss.class,
            CpoLoss.class,
            OrpoLoss.class,
            SlicHfLoss.class,
            UnlikelihoodLoss.class,
            // Of all pairs of a step.
            AotLoss.class,
            AotUnpairedLoss.class,
            BetaDpoLoss.class,
            // Of single completions, desirable or not.
            KtoLoss.class,
            ApoZeroUnpairedLoss.class,
            BcoLoss.class,
            // Of ranked lists.
            PlackettLuceLoss.class,
            SoftmaxDpoLoss.class,
            LiPoLoss.class,
            RrhfLoss.class);

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

    /** The modifiers of objectives; each is annotated with its configuration key. */
    public static List<Class<? extends PreferenceLoss>> modifiers() {
        return MODIFIERS;
    }
}
