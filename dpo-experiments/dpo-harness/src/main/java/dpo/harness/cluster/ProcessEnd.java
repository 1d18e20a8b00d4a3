package dpo.harness.cluster;

import java.io.Serializable;

/**
 * How a process of a cluster ended.
 *
 * @param exitCode its exit code
 * @param messages the last lines of its error output
 */
public record ProcessEnd(int exitCode, String messages) implements Serializable {}
