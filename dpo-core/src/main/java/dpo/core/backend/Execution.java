package dpo.core.backend;

import dpo.core.setting.Requirement;

/**
 * Where and with how many threads a policy runs. Bit-identical repeats are promised at the same execution on one
 * machine.
 *
 * @param device {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param threads number of threads of the engine, at least 1
 */
public record Execution(String device, int threads) {

    public Execution {
        requireDevice(device);
        Requirement.atLeast("threads", threads, 1);
    }

    /** Requires the name of a device: {@code cpu}, {@code cuda} or {@code cuda:N} with N of at most three digits. */
    public static String requireDevice(String name) {
        Requirement.holds(name.matches("cpu|cuda(:\\d{1,3})?"), "device", "must be cpu, cuda or cuda:N", name);
        return name;
    }
}
