package dpo.core.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RandomStreamsTest {

    @Test
    void equal_seed_and_purpose_give_equal_numbers() {
        assertThat(draw(new RandomStreams(7).stream("shuffle")))
                .containsExactly(draw(new RandomStreams(7).stream("shuffle")));
    }

    @Test
    void drawing_from_one_stream_does_not_shift_another() {
        RandomStreams streams = new RandomStreams(7);
        draw(streams.stream("init"));
        assertThat(draw(streams.stream("shuffle"))).containsExactly(draw(new RandomStreams(7).stream("shuffle")));
    }

    @Test
    void other_purposes_and_other_seeds_give_other_numbers() {
        long[] numbers = draw(new RandomStreams(7).stream("shuffle"));
        assertThat(draw(new RandomStreams(7).stream("init"))).doesNotContain(numbers);
        assertThat(draw(new RandomStreams(8).stream("shuffle"))).doesNotContain(numbers);
        assertThat(draw(new RandomStreams(-7).stream("shuffle"))).doesNotContain(numbers);
    }

    /** SplitMix64 from the first eight bytes of SHA-256(seed, purpose); a change would change every recorded result. */
    @Test
    void the_streams_do_not_change_between_versions() {
        assertThat(new RandomStreams(1).stream("shuffle").nextLong()).isEqualTo(-628844280849424915L);
    }

    private static long[] draw(RandomGenerator random) {
        return random.longs(50).toArray();
    }
}
