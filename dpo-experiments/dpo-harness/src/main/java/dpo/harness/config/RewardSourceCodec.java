package dpo.harness.config;

import dpo.train.online.RewardSource;
import java.util.Optional;

/** {@code true} or {@code learned}; YAML reads the first as a Boolean. */
record RewardSourceCodec() implements Codec<RewardSource> {

    private static final String LEARNED = "learned";

    @Override
    public Optional<RewardSource> read(ConfigNode node, String path, Binder binder) {
        Object plain = node.plain();
        if (plain.equals(true) || plain.equals("true")) {
            return Optional.of(RewardSource.TRUE);
        }
        return plain.equals(LEARNED)
                ? Optional.of(RewardSource.LEARNED)
                : binder.error(path, "must be true or learned, got " + node.text(), node.place());
    }

    @Override
    public Object write(RewardSource value, ConfigWriter writer) {
        return value == RewardSource.TRUE ? (Object) true : LEARNED;
    }
}
