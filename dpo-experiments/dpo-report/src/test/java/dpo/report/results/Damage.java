package dpo.report.results;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** The kinds of damage to a file. */
enum Damage {
    FLIPPED_BIT {
        @Override
        void apply(Path file, Random random) throws IOException {
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length > 0) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, bytes);
        }
    },
    TRUNCATED {
        @Override
        void apply(Path file, Random random) throws IOException {
            byte[] bytes = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
        }
    },
    ZEROED {
        @Override
        void apply(Path file, Random random) throws IOException {
            Files.write(file, new byte[(int) Files.size(file)]);
        }
    },
    REMOVED {
        @Override
        void apply(Path file, Random random) throws IOException {
            Files.delete(file);
        }
    };

    abstract void apply(Path file, Random random) throws IOException;
}
