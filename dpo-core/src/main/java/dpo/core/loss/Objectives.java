package dpo.core.loss;

import java.util.List;
import java.util.Optional;

/** The published objectives of this library, by the names that configurations use. */
public final class Objectives {

    private static final List<Class<? extends PreferenceLoss>> PUBLISHED =
            List.of(SigmoidLoss.class, IpoLoss.class, HingeLoss.class, SftLoss.class);

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
