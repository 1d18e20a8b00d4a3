package dpo.train.online;

import dpo.train.OnPreferences;
import dpo.train.TrainingMethod;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The methods of this library, by the names that configurations use. */
public final class Methods {

    private Methods() {}

    /** The record class of every method. */
    public static Map<String, Class<? extends TrainingMethod>> all() {
        Map<String, Class<? extends TrainingMethod>> types = new LinkedHashMap<>();
        types.put("preferences", OnPreferences.class);
        types.put("ppo", Ppo.class);
        types.put("rloo", Rloo.class);
        types.put("best_of_n", BestOfN.class);
        types.put("rlhf", Rlhf.class);
        return Collections.unmodifiableMap(types);
    }
}
