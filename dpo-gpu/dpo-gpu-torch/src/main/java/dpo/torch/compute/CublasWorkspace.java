package dpo.torch.compute;

import java.util.Set;

/** The workspace of cuBLAS, which decides whether its matmuls give the same bits in repeated runs. */
public final class CublasWorkspace {

    /** The environment variable that sets it; cuBLAS reads it at its first use in a process. */
    public static final String VARIABLE = "CUBLAS_WORKSPACE_CONFIG";

    /** Workspaces that no two matmuls share; libtorch refuses to be deterministic with any other. */
    private static final Set<String> DETERMINISTIC = Set.of(":4096:8", ":16:8");

    private CublasWorkspace() {}

    /** Whether it is set to be deterministic; the launcher does so unless the user has set the variable. */
    public static boolean isDeterministic() {
        return DETERMINISTIC.contains(System.getenv().getOrDefault(VARIABLE, ""));
    }
}
