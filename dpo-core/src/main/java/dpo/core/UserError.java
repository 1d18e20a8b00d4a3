package dpo.core;

/**
 * An exception that a user can correct, in the configuration, the data, the model or the output folder. Its message
 * states the constraint, the invalid value and where it was found; no stack trace is needed.
 */
public interface UserError {}
