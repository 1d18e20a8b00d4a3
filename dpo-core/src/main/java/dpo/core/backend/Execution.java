package dpo.core.backend;

import dpo.core.setting.Requirement;

/**
 * Device and number of threads of a policy. On one machine, results are bit-identical for the same device and number of
 * threads.
 *
 * @param device {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param threads number of threads of the backend, at least 1
 */
public record Execution(String device, int threads) {

    public Execution {
        requireDevice(device);
        Requirement.atLeast("threads", threads, 1);
    }

    /** Checks the name of a device: {@code cpu}, {@code cuda} or {@code cuda:N}, where N has at most three digits. */
    public static String requireDevice(String name) {
        Requirement.holds(name.matches("cpu|cuda(:\\d{1,3})?"), "device", "must be cpu, cuda or cuda:N", name);
        return name;
    }
}
