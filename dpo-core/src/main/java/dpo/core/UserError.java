package dpo.core;

/**
 * An exception that a user can correct: by another configuration, other data, another model or output folder. Its message
 * says what must hold, what was found, and where; a stack trace adds nothing.
 */
public interface UserError {}
