package dpo.harness.cluster;

import dpo.core.UserError;

/** A cluster cannot be used, or its processes have no effect. The message is for the user. */
public final class ClusterException extends RuntimeException implements UserError {

    private static final long serialVersionUID = 1;

    public ClusterException(String message) {
        super(message);
    }

    public ClusterException(String message, Throwable cause) {
        super(message, cause);
    }
}
