package dpo.torch.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each task runs once, and no task is running any more when an exception is rethrown. */
class TaskPoolTest {

    @ParameterizedTest
    @CsvSource({"1, 5", "2, 5", "3, 1", "4, 2", "2, 0"})
    void each_task_runs_once(int threads, int tasks) {
        AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
        new TaskPool(threads).run(tasks, runs::incrementAndGet);
        for (int task = 0; task < tasks; task++) {
            assertThat(runs.get(task)).isEqualTo(1);
        }
    }

    @Test
    void tasks_run_in_parallel_and_libtorch_has_one_thread_in_each() {
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
    void an_exception_of_a_task_is_rethrown_after_all_tasks_have_ended() {
        AtomicInteger running = new AtomicInteger();
        CountDownLatch thrown = new CountDownLatch(1);
        assertThatThrownBy(() -> new TaskPool(2).run(8, task -> {
                    running.incrementAndGet();
                    try {
                        if (task == 0) {
                            thrown.countDown();
                            throw new IllegalStateException("no memory");
                        }
                        await(thrown);
                    } finally {
                        running.decrementAndGet();
                    }
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no memory");
        assertThat(running.get()).isZero();
    }

    @Test
    void an_error_of_a_task_is_rethrown() {
        assertThatThrownBy(() -> new TaskPool(2).run(2, task -> {
                    throw new AssertionError("task");
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessage("task");
    }

    @Test
    void fewer_tasks_than_threads_share_the_threads() {
        new TaskPool(5).run(2, task -> assertThat(torch.get_num_threads()).isEqualTo(2));
    }

    @Test
    void each_of_several_callers_has_all_threads_and_a_task_may_be_a_caller() {
        TaskPool pool = new TaskPool(2);
        CyclicBarrier together = new CyclicBarrier(4);
        pool.run(2, caller -> pool.run(2, task -> await(together)));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException late) {
            throw new AssertionError("the other tasks do not run", late);
        }
    }

    private static void await(CyclicBarrier together) {
        try {
            together.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException late) {
            throw new AssertionError("the other tasks do not run", late);
        }
    }
}
