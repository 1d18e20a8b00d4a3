package dpo.torch.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks are done once each, by so many threads, and nothing runs on behind an error. */
class TaskPoolTest {

    @ParameterizedTest
    @CsvSource({"1, 5", "2, 5", "3, 1", "4, 2", "2, 0"})
    void each_task_is_done_once(int threads, int tasks) {
        AtomicIntegerArray done = new AtomicIntegerArray(tasks);
        new TaskPool(threads).run(tasks, done::incrementAndGet);
        for (int task = 0; task < tasks; task++) {
            assertThat(done.get(task)).isEqualTo(1);
        }
    }

    @Test
    void tasks_run_at_the_same_time_and_inside_of_each_libtorch_has_one_thread() {
        CyclicBarrier together = new CyclicBarrier(2);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        TaskPool.useThreads(2);
        new TaskPool(2).run(2, task -> {
            threads.add(Thread.currentThread());
            assertThat(torch.get_num_threads()).isEqualTo(1);
            await(together);
        });
        assertThat(threads).hasSize(2).doesNotContain(Thread.currentThread());
        assertThat(torch.get_num_threads()).isEqualTo(2);
    }

    @Test
    void a_single_task_runs_on_the_calling_thread() {
        Thread caller = Thread.currentThread();
        new TaskPool(2).run(1, task -> assertThat(Thread.currentThread()).isSameAs(caller));
    }

    @Test
    void an_error_comes_out_as_it_was_thrown_when_all_tasks_have_ended() {
        AtomicInteger running = new AtomicInteger();
        assertThatThrownBy(() -> new TaskPool(2).run(8, task -> {
                    running.incrementAndGet();
                    try {
                        if (task == 0) {
                            throw new IllegalStateException("no memory");
                        }
                        Thread.sleep(20); // so that it still runs when the error is there
                    } catch (InterruptedException interrupted) {
                        Thread.currentThread().interrupt();
                    } finally {
                        running.decrementAndGet();
                    }
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no memory");
        assertThat(running.get()).isZero();
    }

    @Test
    void an_error_of_the_virtual_machine_comes_out_as_such() {
        assertThatThrownBy(() -> new TaskPool(2).run(2, task -> {
                    throw new AssertionError("task");
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessage("task");
    }

    @Test
    void fewer_tasks_than_threads_share_them() {
        new TaskPool(5).run(2, task -> assertThat(torch.get_num_threads()).isEqualTo(2));
    }

    @Test
    void each_of_several_callers_has_all_threads_and_a_task_may_be_a_caller() {
        TaskPool sideBySide = new TaskPool(2);
        CyclicBarrier together = new CyclicBarrier(4);
        sideBySide.run(2, caller -> sideBySide.run(2, task -> await(together)));
    }

    private static void await(CyclicBarrier together) {
        try {
            together.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException late) {
            throw new AssertionError("the other tasks do not run", late);
        }
    }
}
