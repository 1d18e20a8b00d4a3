package dpo.core.loss;

import java.util.List;
import java.util.Optional;

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
                    // Without a reference.
                    SimPoLoss.class, AlphaPoLoss.class, CpoLoss.class, OrpoLoss.class, SlicHfLoss.class,
                    // Of all pairs of a step.
                    AotLoss.class, AotUnpairedLoss.class, BetaDpoLoss.class,
                    // Of single completions, desirable or not.
                    KtoLoss.class, ApoZeroUnpairedLoss.class, BcoLoss.class,
                    // Of ranked lists.
                    PlackettLuceLoss.class, SoftmaxDpoLoss.class, LiPoLoss.class, RrhfLoss.class);

    private Objectives() {}

    /** The record class of every published objective; each is annotated with {@link Published}. */
    public static List<Class<? extends PreferenceLoss>> published() {
        return PUBLISHED;
    }

    /** The {@link Published#type()} of an objective's class; its class name where it is not annotated. */
    public static String typeOf(Class<? extends PreferenceLoss> loss) {
        return Optional.ofNullable(loss.getAnnotation(Published.class)).map(Published::type).orElse(loss.getName());
    }
}
