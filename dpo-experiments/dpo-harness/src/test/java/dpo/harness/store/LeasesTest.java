package dpo.harness.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each {@link Leases} stands for a process. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LeasesTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(400);

    @TempDir
    Path folder;

    private final List<Leases> processes = new ArrayList<>();

    @AfterEach
    void close() {
        processes.forEach(Leases::close);
    }

    private Leases process(Duration time) {
        Leases leases = new Leases(folder, "process " + processes.size(), time);
        processes.add(leases);
        return leases;
    }

    /** Claims until it succeeds. */
    private static Lease awaited(Leases process, String name) {
        Optional<Lease> lease = process.claim(name);
        while (lease.isEmpty()) {
            process.await();
            lease = process.claim(name);
        }
        return lease.get();
    }

    @Test
    void of_many_claims_at_the_same_time_one_succeeds() {
        for (int round = 0; round < 20; round++) {
            String name = "cell-" + round;
            CountDownLatch start = new CountDownLatch(1);
            List<CompletableFuture<Optional<Lease>>> claims = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Leases process = process(LONG);
                claims.add(CompletableFuture.supplyAsync(() -> {
                    try {
                        start.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return process.claim(name);
                }));
            }
            start.countDown();
            assertThat(claims)
                    .map(CompletableFuture::join)
                    .filteredOn(Optional::isPresent)
                    .hasSize(1);
        }
    }

    @Test
    void a_lease_can_be_claimed_again_when_it_is_released() {
        Lease first = process(LONG).claim("cell").orElseThrow();
        Leases other = process(LONG);
        assertThat(other.claim("cell")).isEmpty();
        first.close();
        assertThat(other.claim("cell")).isPresent();
    }

    @Test
    void a_living_owner_keeps_its_lease() {
        Lease kept = process(SHORT).claim("cell").orElseThrow();
        Leases other = process(SHORT);
        for (int i = 0; i < 40; i++) {
            assertThat(other.claim("cell")).isEmpty();
            other.await();
        }
        kept.require();
        assertThat(other.anyHolder()).contains("process 0");
    }

    @Test
    void the_lease_of_a_dead_owner_ends() {
        Leases dead = process(SHORT);
        dead.claim("cell").orElseThrow();
        dead.close();
        Leases other = process(SHORT);
        assertThat(awaited(other, "cell")).isNotNull();
        assertThat(process(SHORT).claim("cell")).isEmpty();
    }

    @Test
    void leases_of_dead_owners_are_nobodys_after_their_time() {
        Leases dead = process(SHORT);
        dead.claim("cell").orElseThrow();
        dead.claim("other").orElseThrow();
        dead.close();
        assertThat(process(SHORT).anyHolder()).isEmpty();
    }

    @Test
    void an_owner_that_stood_still_loses_its_lease_and_does_not_release_that_of_its_successor() {
        Leases still = process(SHORT);
        Lease lost = still.claim("cell").orElseThrow();
        still.close();
        Leases other = process(SHORT);
        Lease taken = awaited(other, "cell");
        assertThatThrownBy(lost::require).isInstanceOf(Lease.Lost.class).hasMessageContaining("cell.1");
        lost.close();
        taken.require();
        assertThat(process(SHORT).claim("cell")).isEmpty();
    }

    @Test
    void an_owner_that_stood_still_keeps_a_lease_that_nobody_took() {
        Leases still = process(SHORT);
        Lease kept = still.claim("cell").orElseThrow();
        still.close();
        process(SHORT).anyHolder();
        kept.require();
    }

    @Test
    void a_file_that_its_owner_did_not_finish_is_a_lease_that_ends() throws IOException {
        Files.writeString(folder.resolve("cell.1"), "{\"owner\":\"ki");
        Leases process = process(SHORT);
        assertThat(process.claim("cell")).isEmpty();
        assertThat(awaited(process, "cell")).isNotNull();
        assertThat(folder.resolve("cell.2")).exists();
    }
}
