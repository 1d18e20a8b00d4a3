package dpo.data.tokenization.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.data.TestData;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class HuggingFaceTokenizerTest {

    private static final HuggingFaceTokenizer TINY =
            HuggingFaceTokenizer.open(TestData.resource("tiny/tokenizer.json"));

    @AfterAll
    static void close() {
        TINY.close();
    }

    @Test
    void a_byte_level_tokenizer_decodes_any_text_unchanged() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 500; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(20); i >= 0; i--) {
                int codePoint = random.nextInt(4) == 0 ? random.nextInt(0x110000) : random.nextInt(0x250);
                text.appendCodePoint(codePoint >= 0xD800 && codePoint < 0xE000 ? ' ' : codePoint);
            }
            assertThat(TINY.decode(TINY.encode(text.toString()))).isEqualTo(text.toString());
        }
    }

    @Test
    void a_long_text_is_neither_truncated_nor_padded() {
        String text = "the water cycle ".repeat(5000);
        assertThat(TINY.decode(TINY.encode(text))).isEqualTo(text);
        assertThat(TINY.encode("")).isEmpty();
    }

    @Test
    void the_vocabulary_is_described() {
        assertThat(TINY.vocabularySize()).isEqualTo(512);
        assertThat(TINY.greatestId()).isEqualTo(511);
        assertThat(TINY.specialTokens())
                .containsEntry("<|endoftext|>", 0)
                .containsEntry("<|im_start|>", 1)
                .containsEntry("<|im_end|>", 2)
                .hasSize(3);
    }
}
