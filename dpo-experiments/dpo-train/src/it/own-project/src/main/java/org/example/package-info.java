/** A training program that depends on the installed artifacts only. */
package org.example;
