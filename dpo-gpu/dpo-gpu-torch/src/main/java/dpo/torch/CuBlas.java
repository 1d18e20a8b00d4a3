package dpo.torch;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** NVIDIA's matrix products, and whether they have the same bits at each repeat. */
final class CuBlas {

    /** The variable that gives cuBLAS its workspace; read by it as the process begins to use it. */
    static final String WORKSPACE = "CUBLAS_WORKSPACE_CONFIG";

    /** Workspaces that no two products share; libtorch refuses to be deterministic with any other. */
    private static final Set<String> UNSHARED = Set.of(":4096:8", ":16:8");

    private CuBlas() {}

    /** Whether it was told to be; {@code dpo} does, where the user has not told it otherwise. */
    static boolean isDeterministic() {
        return isDeterministic(System.getenv());
    }

    /** The same in another environment. */
    static boolean isDeterministic(Map<String, String> environment) {
        return Optional.ofNullable(environment.get(WORKSPACE)).filter(UNSHARED::contains).isPresent();
    }
}
